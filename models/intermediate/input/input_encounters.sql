with adapters as (

    {{ united([
        ref('map_clinic__encounters'),
        ref('map_openemr__encounters'),
        ref('map_synthea__encounters')
    ]) }}

)

select * from adapters
