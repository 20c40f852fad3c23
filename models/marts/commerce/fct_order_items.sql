{{ config(**engine_config(dist='order_key', sort=['order_date'])) }}

with order_items as (

    select * from {{ ref('stg_shop__order_items') }}

),

orders as (

    select * from {{ ref('stg_shop__orders') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

products as (

    select * from {{ ref('int_products_versioned') }}

),

-- a line whose order has not come joins the product as it is now
dated as (

    select
        order_items.*,
        orders.order_status,
        orders.order_date,
        {{ key_or_null('orders.order_id') }} as order_key,
        {{ key_of(['orders.customer_pseudonym']) }} as named_customer_key,
        coalesce(orders.order_date, date '9999-12-31') as joined_on
    from order_items
    left join orders
        on order_items.order_id = orders.order_id

),

joined as (

    select
        -- keys
        {{ key_of(['dated.order_id', 'dated.line_number']) }} as order_item_key,
        dated.order_key,
        coalesce(customers.customer_key, {{ unknown_member() }}) as customer_key,
        coalesce(products.product_key, {{ unknown_member() }}) as product_key,
        coalesce(products.product_durable_key, {{ unknown_member() }}) as product_durable_key,
        dated.order_id,
        dated.line_number,

        -- attributes
        dated.order_status,

        -- amounts
        dated.quantity,
        dated.unit_price,
        cast(dated.quantity * dated.unit_price as decimal(18, 2)) as gross_amount,
        dated.discount_amount,
        cast(
            dated.quantity * dated.unit_price - coalesce(dated.discount_amount, 0)
            as decimal(18, 2)
        ) as net_amount,

        -- times
        dated.order_date
    from dated
    left join customers
        on dated.named_customer_key = customers.customer_key
    left join products
        on dated.product_id = products.product_id
        and {{ valid_on('products', 'dated.joined_on') }}

)

select * from joined
