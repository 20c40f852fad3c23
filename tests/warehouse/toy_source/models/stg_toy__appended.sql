with state as (

    {{ state_of_base('base_toy__appended') }}

)

select * from state
