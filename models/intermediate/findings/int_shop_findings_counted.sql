-- depends_on: {{ ref('stg_shop__categories') }}, whose raw table other_values_of reads
with orders as (

    select * from {{ ref('fct_orders') }}

),

order_items as (

    select * from {{ ref('fct_order_items') }}

),

found as (

    {{ other_values_of('shop') }}
    union all
    select
        'orders' as table_name,
        'unknown_customer' as finding,
        count(*) as rows_found
    from orders
    where customer_key = {{ unknown_member() }}
    union all
    select
        'orders' as table_name,
        'no_line' as finding,
        count(*) as rows_found
    from orders
    where order_lines = 0
    union all
    select
        'order_items' as table_name,
        'unknown_order' as finding,
        count(*) as rows_found
    from order_items
    where order_key is null
    union all
    select
        'order_items' as table_name,
        'unknown_product' as finding,
        count(*) as rows_found
    from order_items
    where product_key = {{ unknown_member() }}

),

named as (

    select
        'shop' as source_name,
        table_name,
        finding,
        rows_found
    from found
    where rows_found > 0

)

select * from named
