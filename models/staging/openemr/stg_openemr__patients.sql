with state as (

    {{ state_of_base('base_openemr__patients') }}

)

select * from state
