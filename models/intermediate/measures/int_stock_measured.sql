with measured as (

    {{ measures_of('inventory', 'mv_item', ref('stg_inventory__items'), {
        'unit_cost': 'unit_cost'
    }) }}
    union all
    {{ measures_of('inventory', 'mv_stock_balance', ref('stg_inventory__stock_balances'), {
        'quantity': 'quantity'
    }) }}
    union all
    {{ measures_of('inventory', 'mv_stock_movement', ref('stg_inventory__stock_movements'), {
        'quantity': 'quantity'
    }) }}
    union all
    {{ mart_measures_of('inventory', 'mv_item', ref('dim_items'), {'unit_cost': 'unit_cost'},
        where="seen_to is null and item_key <> " ~ unknown_member()) }}
    union all
    {{ mart_measures_of('inventory', 'mv_stock_balance', ref('fct_stock_balances'), {
        'quantity': 'quantity'
    }, where='is_latest') }}
    union all
    {{ mart_measures_of('inventory', 'mv_stock_movement', ref('fct_stock_movements'), {
        'quantity': 'quantity'
    }) }}
    union all
    {{ superseded_measures_of('inventory') }}

)

select * from measured
