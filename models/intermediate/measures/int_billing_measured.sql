with measured as (

    {{ measures_of('billing', 'claim', ref('stg_billing__claims')) }}
    union all
    {{ measures_of('billing', 'ledger', ref('stg_billing__ledger_entries'), {'amount': 'amount'}) }}
    union all
    {{ mart_measures_of('billing', 'claim', ref('fct_claims')) }}
    union all
    {{ mart_measures_of('billing', 'ledger', ref('fct_ledger_entries'), {'amount': 'amount'}) }}

)

select * from measured
