with adapters as (

    {{ united([ref('map_clinic__claims'), ref('map_openemr__claims')]) }}

)

select * from adapters
