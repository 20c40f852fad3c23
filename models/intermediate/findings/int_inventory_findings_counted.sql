with balances as (

    select * from {{ ref('fct_stock_balances') }}
    where is_latest

),

movements as (

    select * from {{ ref('fct_stock_movements') }}

),

found as (

    select
        'mv_stock_balance' as table_name,
        'not_the_sum_of_movements' as finding,
        count(*) as rows_found
    from balances
    where quantity <> moved_quantity
    union all
    select
        'mv_stock_balance' as table_name,
        'below_zero' as finding,
        count(*) as rows_found
    from balances
    where quantity < 0
    union all
    select
        'mv_stock_movement' as table_name,
        'unknown_item' as finding,
        count(*) as rows_found
    from movements
    where item_key = {{ unknown_member() }}

),

named as (

    select
        'inventory' as source_name,
        table_name,
        finding,
        rows_found
    from found
    where rows_found > 0

)

select * from named
