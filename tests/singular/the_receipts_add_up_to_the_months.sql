-- What was paid and given back in a month is what its days have, over all methods and payers.
with told as (

    select
        {{ calendar_month('posted_on') }} as month_start,
        received_amount - reversed_amount as paid,
        refund_amount as refunded
    from {{ ref('receipts_by_day') }}
    union all
    select
        month_start,
        -payment_amount as paid,
        -refund_amount as refunded
    from {{ ref('billing_months') }}

),

compared as (

    select
        month_start,
        sum(paid) as payments_lost,
        sum(refunded) as refunds_lost
    from told
    group by month_start

)

select * from compared
where
    payments_lost <> 0
    or refunds_lost <> 0
