with accounts as (

    select * from {{ ref('input_account_balances') }}

),

loads as (

    select * from {{ ref('stg_landfall__loads') }}

),

input_tables as (

    select * from {{ ref('input_tables') }}
    where entity = 'account_balances'

),

-- the days on which a system said what its accounts owed
delivered as (

    select distinct
        input_tables.system_name,
        loads.extract_date as balance_date,
        max(loads.extract_date) over (partition by input_tables.system_name) as newest_balance_date
    from loads
    inner join input_tables
        on loads.source_name = input_tables.source_name
        and loads.table_name = input_tables.table_name
    where
        loads.is_counted
        and loads.extract_date <= {{ as_of() }}

),

dated as (

    select
        -- keys
        {{ key_of(['accounts.account_pseudonym', 'delivered.balance_date']) }}
            as account_balance_key,
        {{ key_of(['accounts.account_pseudonym']) }} as account_key,
        accounts.system_name,
        accounts.account_id,
        accounts.patient_id,
        accounts.patient_pseudonym,
        coalesce(accounts.insurance_plan_id, 'patient') as insurance_plan_id,

        -- attributes
        delivered.balance_date = delivered.newest_balance_date as is_latest,

        -- amounts
        accounts.balance_amount,
        accounts.last_payment_amount,

        -- times
        delivered.balance_date,
        accounts.payment_due_date
    from accounts
    inner join delivered
        on accounts.system_name = delivered.system_name
        and accounts.seen_from <= delivered.balance_date
        and (accounts.seen_to > delivered.balance_date or accounts.seen_to is null)

)

select * from dated
