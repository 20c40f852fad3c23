with entries as (

    select * from {{ ref('fct_ledger_entries') }}

),

-- everything on a charge belongs to the plan that first owed it and to the physician of its visit
posted as (

    select
        {{ month_start('posted_on') }} as month_start,
        first_payer_durable_key,
        physician_durable_key,
        case when entry_type = 'charge' then signed_amount else 0 end as charged,
        case when entry_type = 'payment' then -signed_amount else 0 end as paid,
        case when entry_type = 'refund' then signed_amount else 0 end as refunded,
        case when entry_type = 'adjustment' then -signed_amount else 0 end as adjusted,
        case
            when entry_type = 'adjustment' and adjustment_code = 'contractual' then -signed_amount
            else 0
        end as contractual,
        as_of_date
    from entries
    where not is_future_dated

),

summed as (

    select
        month_start,
        first_payer_durable_key,
        physician_durable_key,
        sum(charged) as charged,
        sum(paid) as paid,
        sum(refunded) as refunded,
        sum(adjusted) as adjusted,
        sum(contractual) as contractual,
        as_of_date
    from posted
    group by month_start, first_payer_durable_key, physician_durable_key, as_of_date

),

rated as (

    select
        -- keys
        {{ key_of(['month_start', 'first_payer_durable_key', 'physician_durable_key']) }}
            as collections_by_month_key,
        month_start,
        first_payer_durable_key,
        physician_durable_key,

        -- amounts
        cast(charged as decimal(18, 2)) as charge_amount,
        cast(paid as decimal(18, 2)) as payment_amount,
        cast(refunded as decimal(18, 2)) as refund_amount,
        cast(adjusted as decimal(18, 2)) as adjustment_amount,
        cast(contractual as decimal(18, 2)) as contractual_amount,
        {{ ratio('(paid - refunded)', 'charged', 4) }} as gross_collection_rate,
        {{ ratio('(paid - refunded)', '(charged - contractual)', 4) }} as net_collection_rate,

        -- times
        least({{ month_end('month_start') }}, as_of_date) as measured_on,
        as_of_date
    from summed

)

select * from rated
