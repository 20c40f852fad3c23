-- Grown by the days that changed: docs/decisions/days_are_built_once.md.
{{ config(
    pre_hook=[
        "{{ forget_days_to_build('int_account_balances_days', 'balance_date') }}",
        "{{ delete_days_to_build('balance_date') }}",
    ],
    post_hook=[
        "{{ forget_changed_days('int_account_balances_days', 'balance_date') }}",
        "{{ remember_days('int_account_balances_days', 'balance_date') }}",
    ],
    **daily_fact(day='balance_date', dist='account_key')
) }}

with accounts as (

    select
        *,
        coalesce(insurance_plan_id, 'patient') as paying_plan_id
    from {{ ref('input_account_balances') }}

),

days as (

    select * from {{ ref('int_account_balances_days') }}
    {%- if is_grown() %}
    where {{ is_to_be_built('balance_date') }}
    {%- endif %}

),

patients as (

    select * from {{ ref('int_patients_versioned') }}

),

insurance_plans as (

    select * from {{ ref('int_insurance_plans_versioned') }}

),

joined as (

    select
        -- keys
        {{ key_of(['accounts.account_pseudonym', 'days.balance_date']) }} as account_balance_key,
        {{ key_of(['accounts.account_pseudonym']) }} as account_key,
        coalesce(patients.patient_key, {{ unknown_member() }}) as patient_key,
        {{ key_or_unknown('accounts.patient_pseudonym') }} as patient_durable_key,
        coalesce(insurance_plans.insurance_plan_key, {{ unknown_member() }}) as insurance_plan_key,
        {{ key_of(['accounts.paying_plan_id']) }} as insurance_plan_durable_key,
        accounts.system_name,

        -- attributes
        days.is_latest,

        -- amounts
        accounts.balance_amount,
        accounts.last_payment_amount,

        -- times
        days.balance_date,
        accounts.payment_due_date
    from accounts
    inner join days
        on accounts.system_name = days.system_name
        and accounts.seen_from <= days.balance_date
        and (accounts.seen_to > days.balance_date or accounts.seen_to is null)
    left join patients
        on accounts.patient_pseudonym = patients.patient_pseudonym
        and {{ valid_on('patients', 'days.balance_date') }}
    left join insurance_plans
        on accounts.paying_plan_id = insurance_plans.insurance_plan_id
        and {{ valid_on('insurance_plans', 'days.balance_date') }}

)

select * from joined
