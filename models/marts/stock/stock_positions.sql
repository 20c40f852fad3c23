{{ config(**engine_config(dist='item_durable_key', sort=['item_durable_key'])) }}

with balances as (

    select * from {{ ref('fct_stock_balances') }}
    where is_latest

),

moved as (

    select
        movements.item_id,
        movements.location,
        min(movements.moved_on) as first_moved_on,
        max(movements.moved_on) as last_moved_on,
        max(case when movements.quantity < 0 then movements.moved_on end) as last_out_on
    from {{ ref('fct_stock_movements') }} as movements
    inner join balances
        on movements.item_id = balances.item_id
        and movements.location = balances.location
        and movements.moved_on <= balances.balance_date
    group by movements.item_id, movements.location

),

-- without any issue the days count from the place's first movement
idle as (

    select
        balances.*,
        moved.last_moved_on,
        moved.last_out_on,
        {{ days_between(
            'coalesce(moved.last_out_on, moved.first_moved_on)', 'balances.balance_date'
        ) }} as idle_days
    from balances
    left join moved
        on balances.item_id = moved.item_id
        and balances.location = moved.location

),

judged as (

    select
        -- keys
        stock_balance_key,
        item_key,
        item_durable_key,
        item_id,
        location,

        -- attributes
        coalesce(quantity < 0, false) as is_negative,
        coalesce(quantity > 0 and idle_days >= 180, false) as is_dead,

        -- amounts
        quantity,
        stock_value,
        cast(idle_days as bigint) as idle_days,

        -- times
        last_moved_on,
        last_out_on,
        balance_date
    from idle

)

select * from judged
