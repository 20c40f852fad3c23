{{ config(**engine_config(dist='all', sort=['product_durable_key', 'valid_from'])) }}

with products as (

    select * from {{ ref('int_products_versioned') }}

),

categories as (

    select * from {{ ref('dim_categories') }}

),

named as (

    select
        -- keys
        products.product_key,
        products.product_durable_key,
        coalesce(categories.category_key, {{ unknown_member() }}) as category_key,
        products.product_id,

        -- attributes
        products.product_name,
        products.is_discontinued,
        products.is_current,

        -- amounts
        products.unit_price,

        -- times
        products.valid_from,
        products.valid_to,
        products.seen_from,
        products.seen_to
    from products
    left join categories
        on products.category_id = categories.category_id

),

with_unknown as (

    select * from named
    union all
    select
        {{ unknown_member() }} as product_key,
        {{ unknown_member() }} as product_durable_key,
        {{ unknown_member() }} as category_key,
        'unknown' as product_id,
        'Unknown' as product_name,
        cast(null as boolean) as is_discontinued,
        true as is_current,
        cast(null as decimal(12, 2)) as unit_price,
        date '1900-01-01' as valid_from,
        cast(null as date) as valid_to,
        date '1900-01-01' as seen_from,
        cast(null as date) as seen_to

)

select * from with_unknown
