with balances as (

    select * from {{ ref('snap_inventory__stock_balances') }}

),

movements as (

    select * from {{ ref('stg_inventory__stock_movements') }}

),

-- movements and balances of a place by time, a movement before the balance that includes it
in_order as (

    select
        item_id,
        location,
        false as is_balance,
        cast(null as decimal(12, 3)) as quantity,
        quantity as moved_quantity,
        moved_at as happened_at,
        cast(null as date) as seen_from,
        cast(null as date) as seen_until
    from movements
    union all
    select
        item_id,
        location,
        true as is_balance,
        quantity,
        cast(0 as decimal(12, 3)) as moved_quantity,
        refreshed_at as happened_at,
        cast(dbt_valid_from as date) as seen_from,
        coalesce(cast(dbt_valid_to as date), date '9999-12-31') as seen_until
    from balances

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
        item_id,
        location,

        -- amounts
        quantity,
        cast(moved_until as decimal(18, 3)) as moved_quantity,

        -- times
        happened_at as refreshed_at,
        seen_from,
        seen_until
    from added_up
    where is_balance

)

select * from balanced
