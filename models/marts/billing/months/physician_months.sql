with entries as (

    select * from {{ ref('fct_ledger_entries') }}

),

encounters as (

    select * from {{ ref('fct_encounters') }}

),

-- visits in the month of the visit, money in the month of its posting
lines as (

    select
        {{ month_start('visit_date') }} as month_start,
        physician_durable_key,
        1 as visit,
        0 as charged,
        0 as paid
    from encounters
    where
        outcome = 'completed'
        and visit_date <= as_of_date
    union all
    select
        {{ month_start('posted_on') }} as month_start,
        physician_durable_key,
        0 as visit,
        case when entry_type = 'charge' then signed_amount else 0 end as charged,
        case when entry_type = 'payment' then -signed_amount else 0 end as paid
    from entries
    where
        not is_future_dated
        and entry_type in ('charge', 'payment')

),

summed as (

    select
        month_start,
        physician_durable_key,
        sum(visit) as visits,
        sum(charged) as charged,
        sum(paid) as paid
    from lines
    group by month_start, physician_durable_key

),

shared as (

    select
        -- keys
        {{ key_of(['month_start', 'physician_durable_key']) }} as physician_month_key,
        month_start,
        physician_durable_key,

        -- amounts
        cast(visits as bigint) as visits,
        cast(charged as decimal(18, 2)) as charge_amount,
        cast(paid as decimal(18, 2)) as payment_amount,
        {{ ratio('charged', 'visits', 2) }} as charge_per_visit_amount,
        {{ ratio('paid', 'visits', 2) }} as payment_per_visit_amount
    from summed

)

select * from shared
