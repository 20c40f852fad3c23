-- Longer than the budget: the billing run's rule, step by step, beside what Oracle and Aurora say.
with trips as (

    -- the source's days are those of UTC, and stay its own until they are shown
    select
        *,
        cast(dropoff_at as date) as dropoff_day
    from {{ ref('stg_taxi__trips') }}

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

-- the day of the snapshot of Aurora's trips, and the newest day that was run
snapshots as (

    select
        cast(max(extracted_at) as date) as snapshot_day,
        coalesce(
            max(case when trip_state = 'processed' then dropoff_day end), date '1900-01-01'
        ) as newest_run_day
    from trips

),

-- Dropped off within the day, its first instant left out, as the run does. Up to the newest day
-- that was run, what is not processed came too late. A later day is due once it has ended.
billable as (

    select
        trips.*,
        case trips.trip_state when 'processed' then 'Processed' else 'Due' end as billing_status
    from trips
    cross join snapshots
    where
        trips.dropoff_at > {{ as_timestamp('trips.dropoff_day') }}
        and (
            trips.trip_state = 'processed'
            or (
                trips.trip_state = 'completed'
                and trips.dropoff_day > snapshots.newest_run_day
                and trips.dropoff_day < snapshots.snapshot_day
            )
        )

),

computed as (

    select
        driver_pseudonym,
        dropoff_day,
        billing_status,
        cast(sum(total_amount) as decimal(18, 6)) as billing_amount,
        count(*) as rides_total
    from billable
    group by driver_pseudonym, dropoff_day, billing_status

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
        billings.billing_start_at,
        billings.billing_end_at,
        cast(billings.billing_start_at as date) as billing_day,
        coalesce(billings.driver_pseudonym, chr(30)) as driver_or_none,
        cast(payments.payment_amount as decimal(18, 6)) as payment_amount
    from billings
    left join payments
        on billings.billing_id = payments.billing_id

),

recorded_days as (

    select
        driver_or_none,
        billing_day,
        cast(sum(billing_amount) as decimal(18, 6)) as billing_amount,
        cast(sum(rides_total) as bigint) as rides_total,
        cast(sum(payment_amount) as decimal(18, 6)) as payment_amount,
        max(billed_at) as billed_at
    from recorded
    where billing_cycle > 1
    group by driver_or_none, billing_day

),

-- A day's number is what Aurora's sequence gave its run. Counting days would give another as soon
-- as the source drops old trips.
recorded_runs as (

    select
        billing_day,
        max(billing_cycle) as billing_cycle
    from recorded
    where billing_cycle > 1
    group by billing_day

),

computed_runs as (

    select
        computed.*,
        recorded_runs.billing_cycle,
        {{ as_timestamp('computed.dropoff_day') }} as billing_start_at,
        {{ as_timestamp(add_days('computed.dropoff_day', 1)) }} as billing_end_at
    from computed
    left join recorded_runs
        on computed.dropoff_day = recorded_runs.billing_day

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
        billing_history.billing_start_at,
        billing_history.billing_end_at,
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
        {{ as_text('computed_runs.dropoff_day') }} as origin_id,
        computed_runs.driver_pseudonym,
        computed_runs.billing_cycle,
        computed_runs.billing_start_at,
        computed_runs.billing_end_at,
        recorded_days.billed_at,
        computed_runs.billing_status,
        computed_runs.billing_amount,
        cast(0.8 as decimal(18, 6)) as commission_share,
        computed_runs.rides_total,
        recorded_days.billing_amount as recorded_billing_amount,
        recorded_days.rides_total as recorded_rides_total,
        recorded_days.payment_amount as recorded_payment_amount
    from computed_runs
    left join recorded_days
        on coalesce(computed_runs.driver_pseudonym, chr(30)) = recorded_days.driver_or_none
        and computed_runs.dropoff_day = recorded_days.billing_day
    union all
    select
        'source' as billing_origin,
        {{ as_text('recorded.billing_id') }} as origin_id,
        recorded.driver_pseudonym,
        recorded.billing_cycle,
        recorded.billing_start_at,
        recorded.billing_end_at,
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
    left join computed
        on recorded.driver_or_none = coalesce(computed.driver_pseudonym, chr(30))
        and recorded.billing_day = computed.dropoff_day
        and recorded.billing_cycle > 1
    where
        billing_history.billing_id is null
        and computed.dropoff_day is null

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
        {{ last_business_day('billing_end_at') }} as billing_date,
        billing_start_at,
        billing_end_at,
        billed_at
    from united

)

select * from keyed
