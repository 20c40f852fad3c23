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
    {{ practice_measures_of('patients', ref('dim_patients'), where='seen_to is null') }}
    union all
    {{ practice_measures_of('employees', ref('dim_employees'), where='seen_to is null') }}
    union all
    {{ practice_measures_of('insurance_plans', ref('dim_insurance_plans'),
        where='seen_to is null') }}
    union all
    {{ practice_measures_of('appointments', ref('fct_appointments')) }}
    union all
    {{ practice_measures_of('encounters', ref('fct_encounters')) }}
    union all
    {{ practice_measures_of('account_balances', ref('fct_account_balances'), {
        'account_balance': 'balance_amount', 'last_payment': 'last_payment_amount'
    }, where='is_latest') }}
    union all
    {{ practice_measures_of('reviews', ref('fct_reviews')) }}
    union all
    {{ superseded_measures_of('clinic') }}

)

select * from measured
