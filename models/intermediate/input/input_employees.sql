with adapters as (

    {{ united([
        ref('map_clinic__employees'),
        ref('map_openemr__employees'),
        ref('map_synthea__employees')
    ]) }}

)

select * from adapters
