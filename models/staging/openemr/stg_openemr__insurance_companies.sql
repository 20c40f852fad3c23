with state as (

    {{ state_of_base('base_openemr__insurance_companies') }}

)

select * from state
