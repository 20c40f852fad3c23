with adapters as (

    {{ united([ref('map_clinic__reviews')]) }}

)

select * from adapters
