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
    {{ measures_of('billing', 'claim', ref('stg_billing__claims')) }}
    union all
    {{ measures_of('billing', 'ledger', ref('stg_billing__ledger_entries'), {'amount': 'amount'}) }}
    union all
    {{ measures_of('reviews', 'yelpmerge1', ref('stg_reviews__reviews')) }}

)

select * from measured
