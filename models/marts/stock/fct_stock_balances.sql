{{ config(**engine_config(dist='item_durable_key', sort=['balance_date'])) }}

with balances as (

    select * from {{ ref('int_stock_balances_dated') }}

),

items as (

    select * from {{ ref('int_items_versioned') }}

),

joined as (

    select
        -- keys
        balances.stock_balance_key,
        coalesce(items.item_key, {{ unknown_member() }}) as item_key,
        coalesce(items.item_durable_key, {{ unknown_member() }}) as item_durable_key,
        balances.item_id,
        balances.location,

        -- attributes
        balances.is_latest,

        -- amounts
        balances.quantity,
        balances.moved_quantity,
        cast(balances.quantity * items.unit_cost as decimal(25, 7)) as stock_value,

        -- times
        balances.balance_date,
        balances.refreshed_at
    from balances
    left join items
        on balances.item_id = items.item_id
        and {{ valid_on('items', 'balances.balance_date') }}

)

select * from joined
