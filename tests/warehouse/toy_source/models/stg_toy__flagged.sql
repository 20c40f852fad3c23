with state as (

    {{ state_of_base('base_toy__flagged') }}

)

select * from state
