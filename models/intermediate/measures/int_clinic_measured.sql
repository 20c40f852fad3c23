with measured as (

    {{ measures_of('clinic', 'patient', ref('stg_clinic__patients')) }}
    union all
    {{ measures_of('clinic', 'employee', ref('stg_clinic__employees')) }}
    union all
    {{ measures_of('clinic', 'insurance', ref('stg_clinic__insurance_plans')) }}
    union all
    {{ measures_of('clinic', 'appointment', ref('stg_clinic__appointments')) }}
    union all
    {{ measures_of('clinic', 'encounter', ref('stg_clinic__encounters')) }}
    union all
    {{ measures_of('clinic', 'account', ref('stg_clinic__accounts'), {
        'account_balance': 'balance_amount', 'last_payment': 'last_payment_amount'
    }) }}
    union all
    {{ measures_of('reviews', 'yelpmerge1', ref('stg_reviews__reviews')) }}
    union all
    {{ mart_measures_of('clinic', 'patient', ref('dim_patients'),
        where="valid_to is null and patient_key <> " ~ unknown_member()) }}
    union all
    {{ mart_measures_of('clinic', 'employee', ref('dim_employees'),
        where="valid_to is null and employee_key <> " ~ unknown_member()) }}
    union all
    {{ mart_measures_of('clinic', 'insurance', ref('dim_insurance_plans'),
        where="valid_to is null and insurance_plan_id not in ('patient', 'unknown')") }}
    union all
    {{ mart_measures_of('clinic', 'appointment', ref('fct_appointments')) }}
    union all
    {{ mart_measures_of('clinic', 'encounter', ref('fct_encounters')) }}
    union all
    {{ mart_measures_of('clinic', 'account', ref('fct_account_balances'), {
        'account_balance': 'balance_amount', 'last_payment': 'last_payment_amount'
    }, where='is_latest') }}
    union all
    {{ mart_measures_of('reviews', 'yelpmerge1', ref('fct_reviews')) }}
    union all
    {{ superseded_measures_of('clinic') }}
    union all
    {{ missing_measures_of('clinic') }}

)

select * from measured
