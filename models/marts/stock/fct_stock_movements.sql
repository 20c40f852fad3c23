{{ config(**engine_config(dist='item_durable_key', sort=['moved_on'])) }}

with movements as (

    select
        *,
        {{ business_day('moved_at') }} as moved_on
    from {{ ref('stg_inventory__stock_movements') }}

),

items as (

    select * from {{ ref('int_items_versioned') }}

),

joined as (

    select
        -- keys
        {{ key_of(['movements.movement_id']) }} as movement_key,
        coalesce(items.item_key, {{ unknown_member() }}) as item_key,
        coalesce(items.item_durable_key, {{ unknown_member() }}) as item_durable_key,
        movements.movement_id,
        movements.item_id,
        movements.location,

        -- amounts
        movements.quantity,
        cast(movements.quantity * items.unit_cost as decimal(25, 7)) as movement_value,

        -- times
        movements.moved_on,
        movements.moved_at
    from movements
    left join items
        on movements.item_id = items.item_id
        and {{ valid_on('items', 'movements.moved_on') }}

)

select * from joined
