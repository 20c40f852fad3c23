with measured as (

    {{ measures_of('synthea', 'patients', ref('stg_synthea__patients')) }}
    union all
    {{ measures_of('synthea', 'payers', ref('stg_synthea__payers')) }}
    union all
    {{ measures_of('synthea', 'payer_transitions', ref('stg_synthea__coverages')) }}
    union all
    {{ measures_of('synthea', 'organizations', ref('stg_synthea__organizations')) }}
    union all
    {{ measures_of('synthea', 'providers', ref('stg_synthea__providers')) }}
    union all
    {{ measures_of('synthea', 'encounters', ref('stg_synthea__encounters')) }}
    union all
    {{ measures_of('synthea', 'claims', ref('stg_synthea__claims')) }}
    union all
    {{ measures_of('synthea', 'claims_transactions', ref('stg_synthea__transactions'), {
        'amount': 'amount', 'paid': 'paid_amount', 'adjusted': 'adjusted_amount',
        'transferred': 'transferred_amount'
    }) }}

)

select * from measured
