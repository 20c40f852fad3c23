with balances as (

    select * from {{ ref('int_stock_balances_moved') }}

),

items as (

    select
        *,
        coalesce(valid_to, date '9999-12-31') as valid_until
    from {{ ref('int_items_versioned') }}

),

-- the days on which the stockroom delivered balances
loaded as (

    select distinct
        extract_date as balance_date,
        max(extract_date) over () as newest_balance_date
    from {{ ref('stg_landfall__loads') }}
    where source_name = 'inventory'
        and table_name = 'mv_stock_balance'
        and is_counted
        and extract_date <= {{ as_of() }}

),

delivered as (

    select
        balance_date,
        balance_date = newest_balance_date as is_latest
    from loaded

),

-- the inputs of a row: a version of a balance, and the item's version that it joins
parts as (

    select
        {{ key_of(['item_id', 'location', 'quantity', 'moved_quantity', 'refreshed_at']) }}
            as part,
        seen_from as first_day,
        seen_until as last_day
    from balances
    union all
    select
        {{ key_of(['items.item_key', 'items.unit_cost', 'balances.location']) }} as part,
        greatest(balances.seen_from, items.valid_from) as first_day,
        least(balances.seen_until, items.valid_until) as last_day
    from balances
    inner join items
        on balances.item_id = items.item_id
        and balances.seen_from < items.valid_until
        and balances.seen_until > items.valid_from

),

{{ day_fingerprints('parts', 'delivered', 'balance_date', bool_text('is_latest')) }}

select * from fingerprinted
