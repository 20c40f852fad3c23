with adapters as (

    {{ united([
        ref('map_clinic__ledger_entries'),
        ref('map_openemr__ledger_entries'),
        ref('map_synthea__ledger_entries')
    ]) }}

)

select * from adapters
