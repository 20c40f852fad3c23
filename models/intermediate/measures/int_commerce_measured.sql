with measured as (

    {{ measures_of('shop', 'customers', ref('stg_shop__customers')) }}
    union all
    {{ measures_of('shop', 'categories', ref('stg_shop__categories')) }}
    union all
    {{ measures_of('shop', 'products', ref('stg_shop__products'), {'unit_price': 'unit_price'}) }}
    union all
    {{ measures_of('shop', 'orders', ref('stg_shop__orders'), {'freight': 'freight_amount'}) }}
    union all
    {{ measures_of('shop', 'order_items', ref('stg_shop__order_items'), {
        'unit_price': 'unit_price', 'discount': 'discount_amount'
    }) }}
    union all
    {{ mart_measures_of('shop', 'customers', ref('dim_customers'),
        where="customer_key <> " ~ unknown_member()) }}
    union all
    {{ mart_measures_of('shop', 'categories', ref('dim_categories'),
        where="category_key <> " ~ unknown_member()) }}
    union all
    {{ mart_measures_of('shop', 'products', ref('dim_products'), {'unit_price': 'unit_price'},
        where="seen_to is null and product_key <> " ~ unknown_member()) }}
    union all
    {{ mart_measures_of('shop', 'orders', ref('fct_orders'), {'freight': 'freight_amount'}) }}
    union all
    {{ mart_measures_of('shop', 'order_items', ref('fct_order_items'), {
        'unit_price': 'unit_price', 'discount': 'discount_amount'
    }) }}
    union all
    {{ superseded_measures_of('shop') }}

)

select * from measured
