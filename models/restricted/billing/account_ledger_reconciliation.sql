-- Longer than usual: the three levels are judged by one rule.
with balances as (

    select * from {{ ref('fct_account_balances') }}
    where is_latest

),

entries as (

    select * from {{ ref('fct_ledger_entries') }}
    where not is_future_dated

),

patients as (

    select * from {{ ref('dim_patients') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}
    where area = 'billing'

),

linked as (

    select distinct patient_durable_key from balances
    where patient_durable_key <> {{ unknown_member() }}

),

-- only patients' own debts can be in their accounts
sides as (

    select
        balances.patient_durable_key,
        balances.insurance_plan_durable_key,
        balances.account_key,
        balances.balance_amount as account_balance,
        cast(null as decimal(18, 2)) as ledger_balance,
        balances.balance_date
    from balances
    union all
    select
        entries.patient_durable_key,
        coalesce(patients.insurance_plan_durable_key, {{ unknown_member() }})
            as insurance_plan_durable_key,
        cast(null as varchar) as account_key,
        cast(null as decimal(18, 2)) as account_balance,
        case when entries.payer_id = 'patient' then entries.signed_amount else 0 end
            as ledger_balance,
        cast(null as date) as balance_date
    from entries
    left join patients
        on entries.patient_durable_key = patients.patient_durable_key
        and patients.is_current

),

levels as (

    select
        'all' as level,
        {{ unknown_member() }} as member_key,
        sides.*
    from sides
    union all
    select
        case when linked.patient_durable_key is null then 'plan' else 'account' end as level,
        coalesce(linked.patient_durable_key, sides.insurance_plan_durable_key) as member_key,
        sides.*
    from sides
    left join linked
        on sides.patient_durable_key = linked.patient_durable_key

),

summed as (

    select
        level,
        member_key,
        count(distinct account_key) as accounts,
        min(account_key) as account_key,
        sum(account_balance) as account_balance,
        sum(ledger_balance) as ledger_balance,
        max(balance_date) as balance_date
    from levels
    group by level, member_key

),

judged as (

    select
        -- keys
        {{ key_of(['level', 'member_key']) }} as reconciliation_key,
        case when accounts = 1 and level = 'account' then account_key end as account_key,
        case when level = 'account' then member_key end as patient_durable_key,
        case when level = 'plan' then member_key end as insurance_plan_durable_key,

        -- attributes
        level as compared_by,
        accounts,
        case
            when account_balance is null then 'only in the ledger'
            when ledger_balance is null then 'only in the accounts'
            when account_balance = ledger_balance then 'equal'
            when account_balance > ledger_balance then 'the accounts say more'
            else 'the ledger says more'
        end as verdict,

        -- amounts
        cast(account_balance as decimal(18, 2)) as account_balance_amount,
        cast(ledger_balance as decimal(18, 2)) as ledger_balance_amount,
        cast(coalesce(account_balance, 0) - coalesce(ledger_balance, 0) as decimal(18, 2))
            as difference_amount,

        -- times
        balance_date
    from summed

),

dated as (

    select
        judged.*,
        as_of_dates.as_of_date
    from judged
    cross join as_of_dates

)

select * from dated
