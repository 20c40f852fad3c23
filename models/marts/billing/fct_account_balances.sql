{{ config(**engine_config(dist='account_key', sort=['balance_date'])) }}

with balances as (

    select * from {{ ref('int_account_balances_dated') }}

),

patients as (

    select * from {{ ref('int_patients_versioned') }}

),

insurance_plans as (

    select * from {{ ref('int_insurance_plans_versioned') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}
    where area = 'billing'

),

joined as (

    select
        -- keys
        balances.account_balance_key,
        balances.account_key,
        coalesce(patients.patient_key, {{ unknown_member() }}) as patient_key,
        {{ key_or_unknown('balances.patient_pseudonym') }} as patient_durable_key,
        coalesce(insurance_plans.insurance_plan_key, {{ unknown_member() }}) as insurance_plan_key,
        {{ key_of(['balances.insurance_plan_id']) }} as insurance_plan_durable_key,
        balances.system_name,

        -- attributes
        balances.is_latest,

        -- amounts
        balances.balance_amount,
        balances.last_payment_amount,

        -- times
        balances.balance_date,
        balances.payment_due_date,
        as_of_dates.as_of_date
    from balances
    cross join as_of_dates
    left join patients
        on balances.patient_pseudonym = patients.patient_pseudonym
        and {{ valid_on('patients', 'balances.balance_date') }}
    left join insurance_plans
        on balances.insurance_plan_id = insurance_plans.insurance_plan_id
        and {{ valid_on('insurance_plans', 'balances.balance_date') }}

)

select * from joined
