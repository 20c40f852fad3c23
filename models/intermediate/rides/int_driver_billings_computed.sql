-- Longer than the budget: the billing run's rule, step by step, beside what Oracle and Aurora say.
with trips as (

    select
        *,
        cast(dropoff_at as date) as dropoff_date
    from {{ ref('stg_taxi__trips') }}
    where dropoff_at is not null

),

billing_history as (

    select * from {{ ref('stg_taxi__billing_history') }}

),

billings as (

    select * from {{ ref('stg_taxi__billings') }}

),

payments as (

    select
        billing_id,
        sum(payment_amount) as payment_amount
    from {{ ref('stg_taxi__payments') }}
    group by billing_id

),

-- the moment for which Aurora's trips speak; and of which days the run has left its trace
snapshots as (

    select cast(max(extracted_at) as date) as snapshot_date from {{ ref('stg_taxi__trips') }}

),

days_run as (

    select distinct dropoff_date as run_date from trips
    where trip_state = 'processed'

),

-- Dropped off within the day, its first instant left out, as the run does. A trip of a day that has
-- been run and that is not processed came too late; the snapshot's own day is still to be run.
billable as (

    select trips.*
    from trips
    cross join snapshots
    left join days_run
        on trips.dropoff_date = days_run.run_date
    where
        trips.dropoff_at > {{ as_timestamp('trips.dropoff_date') }}
        and (
            trips.trip_state = 'processed'
            or (
                trips.trip_state = 'completed'
                and days_run.run_date is null
                and trips.dropoff_date = snapshots.snapshot_date
            )
        )

),

computed as (

    select
        driver_pseudonym,
        dropoff_date,
        cast(sum(total_amount) as decimal(18, 6)) as billing_amount,
        count(*) as rides_total
    from billable
    group by driver_pseudonym, dropoff_date

),

numbered as (

    select
        *,
        1 + dense_rank() over (order by dropoff_date) as billing_cycle
    from computed

),

recorded as (

    select
        billings.billing_id,
        billings.driver_pseudonym,
        billings.billing_cycle,
        billings.billing_status,
        billings.rides_total,
        billings.billed_at,
        cast(billings.billing_amount as decimal(18, 6)) as billing_amount,
        cast(billings.commission_share as decimal(18, 6)) as commission_share,
        cast(billings.billing_start_at as date) as billing_start,
        cast(billings.billing_end_at as date) as billing_end,
        coalesce(billings.driver_pseudonym, chr(30)) as driver_or_none,
        cast(payments.payment_amount as decimal(18, 6)) as payment_amount
    from billings
    left join payments
        on billings.billing_id = payments.billing_id

),

recorded_days as (

    select
        driver_or_none,
        billing_start,
        cast(sum(billing_amount) as decimal(18, 6)) as billing_amount,
        cast(sum(rides_total) as bigint) as rides_total,
        cast(sum(payment_amount) as decimal(18, 6)) as payment_amount,
        max(billed_at) as billed_at
    from recorded
    where billing_cycle > 1
    group by driver_or_none, billing_start

),

recorded_cycles as (

    select
        driver_or_none,
        billing_cycle,
        cast(sum(billing_amount) as decimal(18, 6)) as billing_amount,
        cast(sum(rides_total) as bigint) as rides_total,
        cast(sum(payment_amount) as decimal(18, 6)) as payment_amount
    from recorded
    group by driver_or_none, billing_cycle

),

-- every amount is cast before: a union of decimals may keep the digits of its first branch alone
united as (

    select
        'history' as billing_origin,
        {{ as_text('billing_history.billing_id') }} as origin_id,
        billing_history.driver_pseudonym,
        billing_history.billing_cycle,
        cast(billing_history.billing_start_at as date) as billing_start,
        cast(billing_history.billing_end_at as date) as billing_end,
        billing_history.billed_at,
        billing_history.billing_status,
        billing_history.billing_amount,
        billing_history.commission_share,
        billing_history.rides_total,
        recorded_cycles.billing_amount as recorded_billing_amount,
        recorded_cycles.rides_total as recorded_rides_total,
        recorded_cycles.payment_amount as recorded_payment_amount
    from billing_history
    left join recorded_cycles
        on coalesce(billing_history.driver_pseudonym, chr(30)) = recorded_cycles.driver_or_none
        and billing_history.billing_cycle = recorded_cycles.billing_cycle
    union all
    select
        'procedure' as billing_origin,
        {{ as_text('numbered.dropoff_date') }} as origin_id,
        numbered.driver_pseudonym,
        numbered.billing_cycle,
        numbered.dropoff_date as billing_start,
        {{ add_days('numbered.dropoff_date', 1) }} as billing_end,
        recorded_days.billed_at,
        'Processed' as billing_status,
        numbered.billing_amount,
        cast(0.8 as decimal(18, 6)) as commission_share,
        numbered.rides_total,
        recorded_days.billing_amount as recorded_billing_amount,
        recorded_days.rides_total as recorded_rides_total,
        recorded_days.payment_amount as recorded_payment_amount
    from numbered
    left join recorded_days
        on coalesce(numbered.driver_pseudonym, chr(30)) = recorded_days.driver_or_none
        and numbered.dropoff_date = recorded_days.billing_start
    union all
    select
        'source' as billing_origin,
        {{ as_text('recorded.billing_id') }} as origin_id,
        recorded.driver_pseudonym,
        recorded.billing_cycle,
        recorded.billing_start,
        recorded.billing_end,
        recorded.billed_at,
        recorded.billing_status,
        recorded.billing_amount,
        recorded.commission_share,
        recorded.rides_total,
        recorded.billing_amount as recorded_billing_amount,
        recorded.rides_total as recorded_rides_total,
        recorded.payment_amount as recorded_payment_amount
    from recorded
    left join billing_history
        on recorded.driver_or_none = coalesce(billing_history.driver_pseudonym, chr(30))
        and recorded.billing_cycle = billing_history.billing_cycle
    left join numbered
        on recorded.driver_or_none = coalesce(numbered.driver_pseudonym, chr(30))
        and recorded.billing_start = numbered.dropoff_date
        and recorded.billing_cycle > 1
    where
        billing_history.billing_id is null
        and numbered.dropoff_date is null

),

keyed as (

    select
        {{ key_of(['billing_origin', 'origin_id', 'driver_pseudonym']) }} as billing_key,
        billing_origin,
        driver_pseudonym,
        billing_status,
        cast(billing_cycle as bigint) as billing_cycle,
        billing_amount,
        commission_share,
        cast(rides_total as bigint) as rides_total,
        recorded_billing_amount,
        recorded_rides_total,
        recorded_payment_amount,
        billing_start,
        billing_end,
        billed_at
    from united

)

select * from keyed
