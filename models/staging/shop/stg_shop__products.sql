with state as (

    {{ state_of_base('base_shop__products') }}

)

select * from state
