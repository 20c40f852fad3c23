{{ config(**engine_config(dist='order_key', sort=['order_date'])) }}

with orders as (

    select * from {{ ref('stg_shop__orders') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

order_items as (

    select
        order_key,
        count(*) as order_lines,
        sum(quantity) as items_quantity,
        sum(gross_amount) as gross_amount,
        sum(discount_amount) as discount_amount,
        sum(net_amount) as net_amount
    from {{ ref('fct_order_items') }}
    where order_key is not null
    group by order_key

),

keyed as (

    select
        *,
        {{ key_of(['order_id']) }} as order_key,
        {{ key_of(['customer_pseudonym']) }} as named_customer_key
    from orders

),

joined as (

    select
        -- keys
        keyed.order_key,
        coalesce(customers.customer_key, {{ unknown_member() }}) as customer_key,
        keyed.order_id,

        -- attributes
        keyed.order_status,
        keyed.shipping_city,
        keyed.shipping_country,

        -- amounts
        coalesce(order_items.order_lines, 0) as order_lines,
        cast(coalesce(order_items.items_quantity, 0) as bigint) as items_quantity,
        cast(coalesce(order_items.gross_amount, 0) as decimal(18, 2)) as gross_amount,
        cast(coalesce(order_items.discount_amount, 0) as decimal(18, 2)) as discount_amount,
        cast(coalesce(order_items.net_amount, 0) as decimal(18, 2)) as net_amount,
        keyed.freight_amount,
        cast(
            coalesce(order_items.net_amount, 0) + coalesce(keyed.freight_amount, 0)
            as decimal(18, 2)
        ) as order_amount,

        -- times
        keyed.order_date
    from keyed
    left join customers
        on keyed.named_customer_key = customers.customer_key
    left join order_items
        on keyed.order_key = order_items.order_key

)

select * from joined
