{{ config(**engine_config(dist='driver_durable_key', sort=['trip_date'])) }}

with trips as (

    select * from {{ ref('int_trips_timed') }}
    where
        is_completed
        and completed_at >= picked_up_at
        and driver_durable_key <> {{ unknown_member() }}

),

-- when the driver had ended all trips that began before
in_order as (

    select
        *,
        max(completed_at) over (
            partition by driver_durable_key, trip_date order by picked_up_at, trip_key
            rows between unbounded preceding and 1 preceding
        ) as free_at
    from trips

),

-- of two trips at once the second is driving from the end of the first
driven as (

    select
        *,
        case
            when free_at is null or free_at <= picked_up_at
                then {{ seconds_between('picked_up_at', 'completed_at') }}
            when free_at < completed_at then {{ seconds_between('free_at', 'completed_at') }}
            else 0
        end as driven_seconds
    from in_order

),

summed as (

    select
        driver_key,
        driver_durable_key,
        trip_date,
        count(*) as trips,
        coalesce(sum(total_amount), 0) as revenue_amount,
        coalesce(sum(tip_amount), 0) as tip_amount,
        sum(driven_seconds) as driven_seconds,
        {{ seconds_between('min(picked_up_at)', 'max(completed_at)') }} as duty_seconds,
        min(picked_up_at) as first_pickup_at,
        max(completed_at) as last_dropoff_at
    from driven
    group by driver_key, driver_durable_key, trip_date

),

rated as (

    select
        -- keys
        {{ key_of(['driver_durable_key', 'trip_date']) }} as driver_day_key,
        driver_key,
        driver_durable_key,

        -- amounts
        trips,
        cast(revenue_amount as decimal(24, 6)) as revenue_amount,
        cast(tip_amount as decimal(24, 6)) as tip_amount,
        cast(driven_seconds as bigint) as driven_seconds,
        cast(duty_seconds as bigint) as duty_seconds,
        {{ ratio('driven_seconds', '3600', 2) }} as driven_hours,
        {{ ratio('duty_seconds', '3600', 2) }} as duty_hours,
        {{ ratio('driven_seconds', 'duty_seconds') }} as use_rate,

        -- times
        first_pickup_at,
        last_dropoff_at,
        trip_date
    from summed

)

select * from rated
