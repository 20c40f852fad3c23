with measured as (

    {{ measures_of('billing', 'claim', ref('stg_billing__claims')) }}
    union all
    {{ measures_of('billing', 'ledger', ref('stg_billing__ledger_entries'), {'amount': 'amount'}) }}
    union all
    {{ practice_measures_of('claims', ref('fct_claims')) }}
    union all
    {{ practice_measures_of('ledger_entries', ref('fct_ledger_entries'), {'amount': 'amount'}) }}

)

select * from measured
