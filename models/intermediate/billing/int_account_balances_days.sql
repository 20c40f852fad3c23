-- Longer than usual: all that a row of a balance is made of, and the days of each system.
with accounts as (

    select
        *,
        coalesce(insurance_plan_id, 'patient') as paying_plan_id,
        coalesce(seen_to, date '9999-12-31') as seen_until
    from {{ ref('input_account_balances') }}

),

patients as (

    select
        *,
        coalesce(valid_to, date '9999-12-31') as valid_until
    from {{ ref('int_patients_versioned') }}

),

insurance_plans as (

    select
        *,
        coalesce(valid_to, date '9999-12-31') as valid_until
    from {{ ref('int_insurance_plans_versioned') }}

),

loads as (

    select * from {{ ref('stg_landfall__loads') }}

),

input_tables as (

    select * from {{ ref('input_tables') }}
    where entity = 'account_balances'

),

-- the days on which a system delivered account balances
loaded as (

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

delivered as (

    select
        system_name,
        balance_date,
        balance_date = newest_balance_date as is_latest
    from loaded

),

-- the inputs of a row: a version of an account, and the patient's and plan's that it joins
parts as (

    select
        {{ key_of([
            'system_name', 'account_pseudonym', 'patient_pseudonym', 'paying_plan_id',
            'balance_amount', 'last_payment_amount', 'payment_due_date',
        ]) }} as part,
        seen_from as first_day,
        seen_until as last_day
    from accounts
    union all
    select
        {{ key_of(['accounts.account_pseudonym', 'patients.patient_key']) }} as part,
        greatest(accounts.seen_from, patients.valid_from) as first_day,
        least(accounts.seen_until, patients.valid_until) as last_day
    from accounts
    inner join patients
        on accounts.patient_pseudonym = patients.patient_pseudonym
        and accounts.seen_from < patients.valid_until
        and accounts.seen_until > patients.valid_from
    union all
    select
        {{ key_of(['accounts.account_pseudonym', 'insurance_plans.insurance_plan_key']) }} as part,
        greatest(accounts.seen_from, insurance_plans.valid_from) as first_day,
        least(accounts.seen_until, insurance_plans.valid_until) as last_day
    from accounts
    inner join insurance_plans
        on accounts.paying_plan_id = insurance_plans.insurance_plan_id
        and accounts.seen_from < insurance_plans.valid_until
        and accounts.seen_until > insurance_plans.valid_from

),

{{ day_fingerprints(
    'parts', 'delivered', 'balance_date', "system_name || " ~ bool_text('is_latest')
) }}

select * from fingerprinted
