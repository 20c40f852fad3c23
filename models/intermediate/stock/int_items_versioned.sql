with items as (

    {{ versions_of(ref('snap_inventory__items'), 'item_id') }}

),

keyed as (

    select
        -- keys
        {{ key_of(['item_id', 'seen_from']) }} as item_key,
        {{ key_of(['item_id']) }} as item_durable_key,
        item_id,

        -- attributes
        item_description,
        item_category,
        is_current,

        -- amounts
        unit_cost,

        -- times
        valid_from,
        valid_to,
        seen_from,
        seen_to
    from items

)

select * from keyed
