{{ config(**engine_config(sort=['revenue_month'])) }}

with orders as (

    select
        *,
        {{ month_start('created_date') }} as revenue_month,
        {{ month_end('created_date') }} as month_end
    from {{ ref('fct_sales_orders') }}

),

-- a version counts as the order is now, as it was known at the month's end, or neither
counted as (

    select
        *,
        case when is_newest then order_amount end as revenue_amount,
        case
            when valid_from <= month_end and (valid_to > month_end or valid_to is null)
                then order_amount
        end as month_end_amount
    from orders

),

summed as (

    select
        -- keys
        {{ key_of(['revenue_month', 'currency_key', 'design_key']) }} as revenue_key,
        currency_key,
        design_key,

        -- amounts
        count(case when is_newest then 1 end) as orders,
        cast(coalesce(sum(case when is_newest then units_sold end), 0) as bigint) as units_sold,
        cast(coalesce(sum(revenue_amount), 0) as decimal(24, 2)) as revenue_amount,
        cast(coalesce(sum(month_end_amount), 0) as decimal(24, 2)) as month_end_revenue_amount,

        -- times
        revenue_month
    from counted
    where is_newest or month_end_amount is not null
    group by revenue_month, currency_key, design_key

)

select * from summed
