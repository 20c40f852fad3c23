with state as (

    {{ state_of_base('base_toy__listed') }}

)

select * from state
