with state as (

    {{ state_of_base('base_clinic__patients') }}

)

select * from state
