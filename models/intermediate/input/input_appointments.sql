with adapters as (

    {{ united([ref('map_clinic__appointments'), ref('map_openemr__appointments')]) }}

)

select * from adapters
