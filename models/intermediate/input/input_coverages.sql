with adapters as (

    {{ united([ref('map_openemr__coverages'), ref('map_synthea__coverages')]) }}

)

select * from adapters
