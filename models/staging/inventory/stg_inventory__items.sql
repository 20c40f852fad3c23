with state as (

    {{ state_of_base('base_inventory__items') }}

)

select * from state
