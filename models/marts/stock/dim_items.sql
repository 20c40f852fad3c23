{{ config(**engine_config(dist='all', sort=['item_durable_key', 'valid_from'])) }}

with items as (

    select * from {{ ref('int_items_versioned') }}

),

named as (

    select
        -- keys
        item_key,
        item_durable_key,
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

),

with_unknown as (

    select * from named
    union all
    select
        {{ unknown_member() }} as item_key,
        {{ unknown_member() }} as item_durable_key,
        'unknown' as item_id,
        'Unknown' as item_description,
        'Unknown' as item_category,
        true as is_current,
        cast(null as decimal(12, 4)) as unit_cost,
        date '1900-01-01' as valid_from,
        cast(null as date) as valid_to,
        date '1900-01-01' as seen_from,
        cast(null as date) as seen_to

)

select * from with_unknown
