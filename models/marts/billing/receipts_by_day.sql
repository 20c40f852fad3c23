with entries as (

    select * from {{ ref('fct_ledger_entries') }}
    where
        entry_type in ('payment', 'refund')
        and not is_future_dated

),

-- a payment below zero takes an earlier one back
received as (

    select
        posted_on,
        insurance_plan_durable_key,
        system_name,
        payer_id,
        coalesce(method, {{ unknown_member() }}) as method,
        case
            when entry_type = 'refund' then 'refund'
            when signed_amount > 0 then 'reversal'
            else 'payment'
        end as kind,
        -signed_amount as received,
        as_of_date
    from entries
    where signed_amount <> 0

),

counted as (

    select
        -- keys
        {{ key_of(['system_name', 'posted_on', 'method', 'payer_id']) }} as receipts_key,
        posted_on,
        insurance_plan_durable_key,
        system_name,

        -- attributes
        method,
        payer_id,

        -- amounts
        cast(sum(case when kind = 'payment' then 1 else 0 end) as bigint) as payments,
        cast(sum(case when kind = 'reversal' then 1 else 0 end) as bigint) as reversals,
        cast(sum(case when kind = 'refund' then 1 else 0 end) as bigint) as refunds,
        cast(sum(case when kind = 'payment' then received else 0 end) as decimal(18, 2))
            as received_amount,
        cast(sum(case when kind = 'reversal' then -received else 0 end) as decimal(18, 2))
            as reversed_amount,
        cast(sum(case when kind = 'refund' then -received else 0 end) as decimal(18, 2))
            as refund_amount,
        cast(sum(received) as decimal(18, 2)) as net_amount,

        -- times
        as_of_date
    from received
    group by
        posted_on,
        insurance_plan_durable_key,
        system_name,
        method,
        payer_id,
        as_of_date

)

select * from counted
