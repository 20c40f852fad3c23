with adapters as (

    {{ united([ref('map_clinic__account_balances')]) }}

)

select * from adapters
