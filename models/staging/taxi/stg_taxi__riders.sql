with state as (

    {{ state_of_base('base_taxi__riders') }}

)

select * from state
