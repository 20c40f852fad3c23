{{ config(**engine_config(sort=['trip_date'])) }}

with trips as (

    select * from {{ ref('int_trips_timed') }}

),

counted as (

    select
        trip_date,
        trip_hour,
        cab_type,
        count(*) as trips,
        count(case when is_completed then 1 end) as trips_completed,
        count(case when is_cancelled then 1 end) as trips_cancelled,
        coalesce(sum(case when is_completed then total_amount end), 0) as revenue_amount,
        coalesce(sum(case when is_completed then tip_amount end), 0) as tip_amount,
        count(waiting_seconds) as trips_with_waiting,
        coalesce(sum(waiting_seconds), 0) as waiting_seconds
    from trips
    group by trip_date, trip_hour, cab_type

),

rated as (

    select
        -- keys
        {{ key_of(['trip_date', 'trip_hour', 'cab_type']) }} as trip_hour_key,

        -- attributes
        trip_hour,
        cab_type,

        -- amounts
        trips,
        trips_completed,
        trips_cancelled,
        {{ ratio('trips_cancelled', 'trips') }} as cancellation_rate,
        cast(revenue_amount as decimal(24, 6)) as revenue_amount,
        cast(tip_amount as decimal(24, 6)) as tip_amount,
        trips_with_waiting,
        cast(waiting_seconds as bigint) as waiting_seconds,
        {{ ratio('waiting_seconds', '60 * trips_with_waiting', 1) }} as average_waiting_minutes,

        -- times
        trip_date
    from counted

)

select * from rated
