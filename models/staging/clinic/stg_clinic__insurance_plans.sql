with state as (

    {{ state_of_base('base_clinic__insurance_plans') }}

)

select * from state
