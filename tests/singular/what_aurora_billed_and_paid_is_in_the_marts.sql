{{ config(severity='warn') }}

-- The sums that Aurora has recorded equal the computed ones, to the last digit: no billing
-- and no payment is lost or counted twice on its way from staging. A payment without a billing,
-- or to an unknown driver, makes a difference, which stops nothing.
with staged as (

    select
        'billings' as kind,
        sum(cast(billing_amount as decimal(18, 6))) as amount
    from {{ ref('stg_taxi__billings') }}
    union all
    select
        'payments' as kind,
        sum(cast(payment_amount as decimal(18, 6))) as amount
    from {{ ref('stg_taxi__payments') }}

),

published as (

    select
        'billings' as kind,
        sum(recorded_billing_amount) as amount
    from {{ ref('fct_driver_billings') }}
    union all
    select
        'payments' as kind,
        sum(recorded_payment_amount) as amount
    from {{ ref('fct_driver_payments') }}

)

select
    staged.kind,
    staged.amount as staged_amount,
    published.amount as published_amount
from staged
inner join published
    on staged.kind = published.kind
where coalesce(staged.amount, 0) <> coalesce(published.amount, 0)
