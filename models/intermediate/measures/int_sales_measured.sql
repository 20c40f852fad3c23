with measured as (

    {{ measures_of('totesys', 'sales_order', newest_of(ref('stg_totesys__sales_orders')),
        {'unit_price': 'unit_price'}) }}
    union all
    {{ measures_of('totesys', 'purchase_order', newest_of(ref('stg_totesys__purchase_orders')),
        {'item_unit_price': 'unit_price'}) }}
    union all
    {{ measures_of('totesys', 'payment', newest_of(ref('stg_totesys__payments')),
        {'payment_amount': 'payment_amount'}) }}
    union all
    {{ measures_of('totesys', 'transaction', ref('stg_totesys__transactions')) }}
    union all
    {{ measures_of('totesys', 'payment_type', ref('stg_totesys__payment_types')) }}
    union all
    {{ measures_of('totesys', 'counterparty', ref('stg_totesys__counterparties')) }}
    union all
    {{ measures_of('totesys', 'address', ref('stg_totesys__addresses')) }}
    union all
    {{ measures_of('totesys', 'staff', ref('stg_totesys__staff')) }}
    union all
    {{ measures_of('totesys', 'department', ref('stg_totesys__departments')) }}
    union all
    {{ measures_of('totesys', 'design', ref('stg_totesys__designs')) }}
    union all
    {{ measures_of('totesys', 'currency', ref('stg_totesys__currencies')) }}
    union all
    {{ mart_measures_of('totesys', 'sales_order', ref('fct_sales_orders'),
        {'unit_price': 'unit_price'}, where='is_newest') }}
    union all
    {{ mart_measures_of('totesys', 'purchase_order', ref('fct_purchase_orders'),
        {'item_unit_price': 'unit_price'}, where='is_newest') }}
    union all
    {{ mart_measures_of('totesys', 'payment', ref('fct_payments'),
        {'payment_amount': 'payment_amount'}, where='is_newest') }}
    union all
    {{ mart_measures_of('totesys', 'transaction', ref('dim_transactions'),
        where="transaction_key <> " ~ unknown_member()) }}
    union all
    {{ mart_measures_of('totesys', 'payment_type', ref('dim_payment_types'),
        where="payment_type_key <> " ~ unknown_member()) }}
    union all
    {{ mart_measures_of('totesys', 'counterparty', ref('dim_counterparties'),
        where="counterparty_key <> " ~ unknown_member()) }}
    union all
    {{ mart_measures_of('totesys', 'address', ref('dim_locations'),
        where="location_key <> " ~ unknown_member()) }}
    union all
    {{ mart_measures_of('totesys', 'staff', ref('dim_staff'),
        where="staff_key <> " ~ unknown_member()) }}
    union all
    {{ mart_measures_of('totesys', 'design', ref('dim_designs'),
        where="design_key <> " ~ unknown_member()) }}
    union all
    {{ mart_measures_of('totesys', 'currency', ref('dim_currencies'),
        where="currency_key <> " ~ unknown_member()) }}
    union all
    {{ superseded_measures_of('totesys') }}

)

select * from measured
