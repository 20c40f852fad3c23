with state as (

    {{ state_of_base('base_openemr__users') }}

)

select * from state
