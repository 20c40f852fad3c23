-- Grown by the days that changed: docs/decisions/days_are_built_once.md.
{{ config(
    pre_hook=[
        "{{ forget_days_to_build('int_stock_balances_days', 'balance_date') }}",
        "{{ delete_days_to_build('balance_date') }}",
    ],
    post_hook=[
        "{{ forget_changed_days('int_stock_balances_days', 'balance_date') }}",
        "{{ remember_days('int_stock_balances_days', 'balance_date') }}",
    ],
    **daily_fact(day='balance_date', dist='item_durable_key')
) }}

with balances as (

    select * from {{ ref('int_stock_balances_moved') }}

),

days as (

    select * from {{ ref('int_stock_balances_days') }}
    {%- if is_grown() %}
    where {{ is_to_be_built('balance_date') }}
    {%- endif %}

),

items as (

    select * from {{ ref('int_items_versioned') }}

),

joined as (

    select
        -- keys
        {{ key_of(['balances.item_id', 'balances.location', 'days.balance_date']) }}
            as stock_balance_key,
        coalesce(items.item_key, {{ unknown_member() }}) as item_key,
        coalesce(items.item_durable_key, {{ unknown_member() }}) as item_durable_key,
        balances.item_id,
        balances.location,

        -- attributes
        days.is_latest,

        -- amounts
        balances.quantity,
        balances.moved_quantity,
        cast(balances.quantity * items.unit_cost as decimal(25, 7)) as stock_value,

        -- times
        days.balance_date,
        balances.refreshed_at
    from balances
    inner join days
        on balances.seen_from <= days.balance_date
        and balances.seen_until > days.balance_date
    left join items
        on balances.item_id = items.item_id
        and {{ valid_on('items', 'days.balance_date') }}

)

select * from joined
