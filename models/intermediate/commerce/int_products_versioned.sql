with products as (

    {{ versions_of(ref('snap_shop__products'), 'product_id') }}

),

keyed as (

    select
        -- keys
        {{ key_of(['product_id', 'seen_from']) }} as product_key,
        {{ key_of(['product_id']) }} as product_durable_key,
        product_id,
        category_id,

        -- attributes
        product_name,
        is_discontinued,
        is_current,

        -- amounts
        unit_price,

        -- times
        valid_from,
        valid_to,
        seen_from,
        seen_to
    from products

)

select * from keyed
