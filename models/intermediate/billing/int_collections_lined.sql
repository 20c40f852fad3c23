with entries as (

    select * from {{ ref('fct_ledger_entries') }}
    where not is_future_dated

),

open_items as (

    select * from {{ ref('ar_open_items') }}

),

windows as (

    select * from {{ ref('int_months_windowed') }}
    where measured_on = as_of_date

),

lines as (

    select
        entries.ledger_entry_key as line_key,
        entries.first_payer_durable_key as insurance_plan_durable_key,
        entries.physician_durable_key,
        entries.patient_durable_key,
        case
            when entries.posted_on < windows.window_start then 'before'
            when entries.entry_type = 'adjustment' then 'adjusted: ' || entries.adjustment_code
            else entries.entry_type
        end as kind,
        entries.signed_amount as amount,
        entries.signed_amount as balance,
        windows.as_of_date,
        windows.window_start
    from entries
    cross join windows
    union all
    select
        open_items.ar_open_item_key as line_key,
        open_items.first_payer_durable_key as insurance_plan_durable_key,
        open_items.physician_durable_key,
        open_items.patient_durable_key,
        case
            when open_items.days_old > 365 then 'open over a year'
            when open_items.days_old > 90 then 'open over 90'
            else 'open'
        end as kind,
        open_items.open_amount as amount,
        0 as balance,
        windows.as_of_date,
        windows.window_start
    from open_items
    cross join windows

)

select * from lines
