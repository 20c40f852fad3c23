{{ config(**engine_config(sort=['created_date'])) }}

with purchase_orders as (

    select
        *,
        {{ known_interval('purchase_order_id') }}
    from {{ ref('stg_totesys__purchase_orders') }}

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

locations as (

    select * from {{ ref('dim_locations') }}

),

joined as (

    select
        -- keys
        {{ key_of([
            'purchase_orders.purchase_order_id',
            ms_text('purchase_orders.updated_at'),
            ms_text('purchase_orders.extracted_at'),
        ]) }} as purchase_order_version_key,
        coalesce(staff.staff_key, {{ unknown_member() }}) as staff_key,
        coalesce(counterparties.counterparty_key, {{ unknown_member() }}) as counterparty_key,
        coalesce(currencies.currency_key, {{ unknown_member() }}) as currency_key,
        coalesce(locations.location_key, {{ unknown_member() }}) as location_key,
        purchase_orders.purchase_order_id,

        -- attributes
        purchase_orders.item_code,
        purchase_orders.version_number,
        purchase_orders.is_newest,

        -- amounts
        purchase_orders.quantity,
        purchase_orders.unit_price,
        cast(purchase_orders.quantity * purchase_orders.unit_price as decimal(18, 2))
            as order_amount,

        -- times
        purchase_orders.created_at,
        {{ business_day('purchase_orders.created_at') }} as created_date,
        purchase_orders.updated_at,
        {{ business_day('purchase_orders.updated_at') }} as updated_date,
        purchase_orders.agreed_delivery_date,
        purchase_orders.agreed_payment_date,
        purchase_orders.valid_from,
        purchase_orders.valid_to
    from purchase_orders
    left join staff
        on purchase_orders.staff_id = staff.staff_id
    left join counterparties
        on purchase_orders.counterparty_id = counterparties.counterparty_id
    left join currencies
        on purchase_orders.currency_id = currencies.currency_id
    left join locations
        on purchase_orders.agreed_delivery_location_id = locations.address_id

)

select * from joined
