with state as (

    {{ state_of_base('base_taxi__trip_items') }}

)

select * from state
