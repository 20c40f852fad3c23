{{ config(**engine_config(sort=['created_date'])) }}

with sales_orders as (

    select
        *,
        {{ known_interval('sales_order_id') }}
    from {{ ref('stg_totesys__sales_orders') }}

),

staff as (

    select * from {{ ref('dim_staff') }}

),

counterparties as (

    select * from {{ ref('dim_counterparties') }}

),

currencies as (

    select * from {{ ref('dim_currencies') }}

),

designs as (

    select * from {{ ref('dim_designs') }}

),

locations as (

    select * from {{ ref('dim_locations') }}

),

joined as (

    select
        -- keys
        {{ key_of([
            'sales_orders.sales_order_id',
            ms_text('sales_orders.updated_at'),
            ms_text('sales_orders.extracted_at'),
        ]) }} as sales_order_version_key,
        coalesce(staff.staff_key, {{ unknown_member() }}) as staff_key,
        coalesce(counterparties.counterparty_key, {{ unknown_member() }}) as counterparty_key,
        coalesce(currencies.currency_key, {{ unknown_member() }}) as currency_key,
        coalesce(designs.design_key, {{ unknown_member() }}) as design_key,
        coalesce(locations.location_key, {{ unknown_member() }}) as location_key,
        sales_orders.sales_order_id,

        -- attributes
        sales_orders.version_number,
        sales_orders.is_newest,

        -- amounts
        sales_orders.units_sold,
        sales_orders.unit_price,
        cast(sales_orders.units_sold * sales_orders.unit_price as decimal(18, 2)) as order_amount,

        -- times
        sales_orders.created_at,
        {{ business_day('sales_orders.created_at') }} as created_date,
        sales_orders.updated_at,
        {{ business_day('sales_orders.updated_at') }} as updated_date,
        sales_orders.agreed_delivery_date,
        sales_orders.agreed_payment_date,
        sales_orders.valid_from,
        sales_orders.valid_to
    from sales_orders
    left join staff
        on sales_orders.staff_id = staff.staff_id
    left join counterparties
        on sales_orders.counterparty_id = counterparties.counterparty_id
    left join currencies
        on sales_orders.currency_id = currencies.currency_id
    left join designs
        on sales_orders.design_id = designs.design_id
    left join locations
        on sales_orders.agreed_delivery_location_id = locations.address_id

)

select * from joined
