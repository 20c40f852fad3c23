-- Longer than most: two tables are put into one order of time, column by column.

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
        false as is_balance,
        cast(null as boolean) as is_latest,
        cast(null as decimal(12, 3)) as quantity,
        quantity as moved_quantity,
        cast(null as date) as balance_date,
        moved_at as happened_at
    from movements
    union all
    select
        item_id,
        location,
        true as is_balance,
        is_latest,
        quantity,
        cast(0 as decimal(12, 3)) as moved_quantity,
        balance_date,
        refreshed_at as happened_at
    from dated

),

added_up as (

    select
        *,
        sum(moved_quantity) over (
            partition by item_id, location
            order by happened_at, is_balance
            rows between unbounded preceding and current row
        ) as moved_until
    from in_order

),

balanced as (

    select
        -- keys
        {{ key_of(['item_id', 'location', 'balance_date']) }} as stock_balance_key,
        item_id,
        location,

        -- attributes
        is_latest,

        -- amounts
        quantity,
        cast(moved_until as decimal(18, 3)) as moved_quantity,

        -- times
        balance_date,
        happened_at as refreshed_at
    from added_up
    where is_balance

)

select * from balanced
