with state as (

    {{ state_of_base('base_clinic__employees') }}

)

select * from state
