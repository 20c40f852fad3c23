with state as (

    {{ state_of_base('base_taxi__drivers') }}

)

select * from state
