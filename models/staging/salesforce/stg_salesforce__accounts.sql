with state as (

    {{ state_of_base('base_salesforce__accounts') }}

)

select * from state
