with state as (

    {{ state_of_base('base_clinic__accounts') }}

)

select * from state
