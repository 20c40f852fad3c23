with adapters as (

    {{ united([
        ref('map_clinic__patients'),
        ref('map_openemr__patients'),
        ref('map_synthea__patients')
    ]) }}

)

select * from adapters
