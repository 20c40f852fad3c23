{{ config(**engine_config(sort=['sales_month'])) }}

with order_items as (

    select
        *,
        {{ month_start('order_date') }} as sales_month
    from {{ ref('fct_order_items') }}
    where order_key is not null

),

products as (

    select * from {{ ref('dim_products') }}

),

placed as (

    select
        order_items.*,
        coalesce(products.category_key, {{ unknown_member() }}) as category_key,
        coalesce(order_items.order_status, 'unknown') as status
    from order_items
    left join products
        on order_items.product_key = products.product_key

),

summed as (

    select
        -- keys
        {{ key_of(['sales_month', 'product_durable_key', 'category_key', 'status']) }}
            as product_sales_key,
        product_durable_key,
        category_key,

        -- attributes
        status as order_status,

        -- amounts
        count(*) as order_lines,
        cast(coalesce(sum(quantity), 0) as bigint) as quantity,
        cast(coalesce(sum(gross_amount), 0) as decimal(24, 2)) as gross_amount,
        cast(coalesce(sum(discount_amount), 0) as decimal(24, 2)) as discount_amount,
        cast(coalesce(sum(net_amount), 0) as decimal(24, 2)) as net_amount,
        {{ ratio('sum(discount_amount)', 'sum(gross_amount)') }} as discount_rate,

        -- times
        sales_month
    from placed
    group by sales_month, product_durable_key, category_key, status

)

select * from summed
