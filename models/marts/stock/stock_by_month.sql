-- Longer than the budget: opening, in, out and closing by quantity and by value, then the ratios.
{{ config(**engine_config(dist='item_durable_key', sort=['month_start'])) }}

with as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}
    where area = 'stock'

),

movements as (

    select
        movements.*,
        {{ month_start('movements.moved_on') }} as month_start
    from {{ ref('fct_stock_movements') }} as movements
    inner join as_of_dates
        on movements.moved_on <= as_of_dates.as_of_date

),

items as (

    select * from {{ ref('int_items_versioned') }}

),

-- each month up to the as-of date, with the last of its days that has come
months as (

    select
        dates.month_start,
        max(dates.date_day) as last_day
    from {{ ref('dim_dates') }} as dates
    inner join as_of_dates
        on dates.date_day <= as_of_dates.as_of_date
    group by dates.month_start

),

places as (

    select
        item_id,
        location,
        min(month_start) as first_month
    from movements
    group by item_id, location

),

moved as (

    select
        item_id,
        location,
        month_start,
        count(*) as movements,
        sum(case when quantity > 0 then quantity else 0 end) as in_quantity,
        sum(case when quantity < 0 then -quantity else 0 end) as out_quantity,
        sum(case when quantity > 0 then movement_value else 0 end) as in_value,
        sum(case when quantity < 0 then -movement_value else 0 end) as out_value
    from movements
    group by item_id, location, month_start

),

-- a place has a row for a month without movements too
filled as (

    select
        places.item_id,
        places.location,
        months.month_start,
        months.last_day,
        coalesce(moved.movements, 0) as movements,
        cast(coalesce(moved.in_quantity, 0) as decimal(18, 3)) as in_quantity,
        cast(coalesce(moved.out_quantity, 0) as decimal(18, 3)) as out_quantity,
        cast(coalesce(moved.in_value, 0) as decimal(27, 7)) as in_value,
        cast(coalesce(moved.out_value, 0) as decimal(27, 7)) as out_value,
        cast(
            sum(coalesce(moved.in_quantity, 0) - coalesce(moved.out_quantity, 0)) over (
                partition by places.item_id, places.location order by months.month_start
                rows between unbounded preceding and current row
            ) as decimal(18, 3)
        ) as closing_quantity
    from places
    inner join months
        on places.first_month <= months.month_start
    left join moved
        on places.item_id = moved.item_id
        and places.location = moved.location
        and months.month_start = moved.month_start

),

valued as (

    select
        filled.*,
        coalesce(items.item_key, {{ unknown_member() }}) as item_key,
        coalesce(items.item_durable_key, {{ unknown_member() }}) as item_durable_key,
        cast(coalesce(filled.closing_quantity * items.unit_cost, 0) as decimal(27, 7))
            as closing_value
    from filled
    left join items
        on filled.item_id = items.item_id
        and {{ valid_on('items', 'filled.last_day') }}

),

-- the stock at the end of the month before, at the cost of its last day
opened as (

    select
        *,
        coalesce(
            lag(closing_value) over (partition by item_id, location order by month_start), 0
        ) as opening_value,
        1 + {{ days_between('month_start', 'last_day') }} as days
    from valued

),

rated as (

    select
        -- keys
        {{ key_of(['item_id', 'location', 'month_start']) }} as stock_month_key,
        item_key,
        item_durable_key,
        item_id,
        location,

        -- amounts
        movements,
        cast(closing_quantity - in_quantity + out_quantity as decimal(18, 3)) as opening_quantity,
        in_quantity,
        out_quantity,
        closing_quantity,
        cast(opening_value as decimal(27, 7)) as opening_value,
        in_value,
        out_value,
        closing_value,
        {{ ratio('2 * out_value', 'opening_value + closing_value') }} as turnover,
        {{ ratio('days * (opening_value + closing_value)', '2 * out_value', 1) }} as days_on_hand,

        -- times
        month_start,
        last_day
    from opened

)

select * from rated
