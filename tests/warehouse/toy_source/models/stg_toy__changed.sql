with state as (

    {{ state_of_base('base_toy__changed') }}

)

select * from state
