with balances as (

    select * from {{ ref('snap_inventory__stock_balances') }}

),

movements as (

    select * from {{ ref('stg_inventory__stock_movements') }}

),

-- the days on which the stockroom said how many of each there are
delivered as (

    select distinct
        extract_date as balance_date,
        max(extract_date) over () as newest_balance_date
    from {{ ref('stg_landfall__loads') }}
    where source_name = 'inventory'
        and table_name = 'mv_stock_balance'
        and is_counted

),

dated as (

    select
        balances.item_id,
        balances.location,
        balances.quantity,
        balances.refreshed_at,
        delivered.balance_date,
        delivered.balance_date = delivered.newest_balance_date as is_latest
    from balances
    inner join delivered
        on cast(balances.dbt_valid_from as date) <= delivered.balance_date
        and (
            balances.dbt_valid_to is null
            or cast(balances.dbt_valid_to as date) > delivered.balance_date
        )

),

-- movements and balances of a place in the order of time, a movement before the balance it is in
in_order as (

    select
        item_id,
        location,
        0 as is_balance,
        quantity as moved,
        moved_at as happened_at,
        cast(null as date) as balance_date
    from movements
    union all
    select
        item_id,
        location,
        1 as is_balance,
        cast(0 as decimal(12, 3)) as moved,
        refreshed_at as happened_at,
        balance_date
    from dated

),

added_up as (

    select
        item_id,
        location,
        is_balance,
        balance_date,
        cast(
            sum(moved) over (
                partition by item_id, location
                order by happened_at, is_balance
                rows between unbounded preceding and current row
            ) as decimal(18, 3)
        ) as moved_quantity
    from in_order

),

joined as (

    select
        -- keys
        {{ key_of(['dated.item_id', 'dated.location', 'dated.balance_date']) }}
            as stock_balance_key,
        dated.item_id,
        dated.location,

        -- attributes
        dated.is_latest,

        -- amounts
        dated.quantity,
        coalesce(added_up.moved_quantity, 0) as moved_quantity,

        -- times
        dated.balance_date,
        dated.refreshed_at
    from dated
    left join added_up
        on dated.item_id = added_up.item_id
        and dated.location = added_up.location
        and dated.balance_date = added_up.balance_date
        and added_up.is_balance = 1

)

select * from joined
