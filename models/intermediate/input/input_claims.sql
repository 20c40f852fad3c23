with adapters as (

    {{ united([
        ref('map_clinic__claims'),
        ref('map_openemr__claims'),
        ref('map_synthea__claims')
    ]) }}

)

select * from adapters
