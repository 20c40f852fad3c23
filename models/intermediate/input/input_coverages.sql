with adapters as (

    {{ united([ref('map_openemr__coverages')]) }}

)

select * from adapters
