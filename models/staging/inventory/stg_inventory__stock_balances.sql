with state as (

    {{ state_of_base('base_inventory__stock_balances') }}

)

select * from state
