with open_items as (

    select * from {{ ref('ar_open_items') }}

),

entries as (

    select * from {{ ref('fct_ledger_entries') }}

),

-- a credit dates from the last entry that lowered the debt
lowered as (

    select
        charge_key,
        max(posted_on) as standing_since_on
    from entries
    where
        not is_future_dated
        and charge_key is not null
        and signed_amount < 0
    group by charge_key

),

listed as (

    select
        -- keys
        open_items.ar_open_item_key,
        open_items.charge_key,
        open_items.patient_durable_key,
        open_items.insurance_plan_durable_key,

        -- attributes
        open_items.payer_id,

        -- amounts
        cast(-open_items.credit_amount as decimal(18, 2)) as to_refund_amount,

        -- times
        lowered.standing_since_on,
        cast({{ days_between('lowered.standing_since_on', 'open_items.as_of_date') }} as bigint)
            as days_standing,
        open_items.as_of_date
    from open_items
    inner join lowered
        on open_items.charge_key = lowered.charge_key
    where open_items.credit_amount < 0

)

select * from listed
