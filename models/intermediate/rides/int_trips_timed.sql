-- Longer than usual: bookings that were removed are put beside the trips, then all are timed alike.
with trips as (

    select * from {{ ref('fct_trips') }}

),

trip_states as (

    select * from {{ ref('trip_states') }}

),

items as (

    select
        *,
        {{ key_of(['rider_email_pseudonym', 'trip_info']) }} as trip_key
    from {{ ref('snap_taxi__trip_items') }}

),

-- a cancelled booking is removed from DynamoDB after a while: history still knows of it
removed as (

    select
        items.trip_key,
        max(items.pickup_at) as pickup_at
    from items
    inner join trip_states
        on {{ remove_all('lower(items.source_status)', '[^a-z]') }} = trip_states.spelling
    left join trips
        on items.trip_key = trips.trip_key
    where
        trip_states.trip_state = 'cancelled'
        and trips.trip_key is null
    group by items.trip_key

),

united as (

    select
        trip_key,
        driver_key,
        driver_durable_key,
        trip_state,
        coalesce(cab_type, 'unknown') as cab_type,
        total_amount,
        tip_amount,
        booked_at,
        accepted_at,
        pickup_at,
        completed_at
    from trips
    union all
    select
        trip_key,
        {{ unknown_member() }} as driver_key,
        {{ unknown_member() }} as driver_durable_key,
        'cancelled' as trip_state,
        'unknown' as cab_type,
        cast(null as decimal(18, 6)) as total_amount,
        cast(null as decimal(18, 6)) as tip_amount,
        pickup_at as booked_at,
        {{ as_timestamp('null') }} as accepted_at,
        pickup_at,
        {{ as_timestamp('null') }} as completed_at
    from removed

),

-- Where the source keeps the time of the booking as that of the pickup, the trip began when it was
-- written as in progress.
timed as (

    select
        *,
        trip_state in ('completed', 'processed') as is_completed,
        trip_state = 'cancelled' as is_cancelled,
        case
            when pickup_at > booked_at then pickup_at
            else accepted_at
        end as picked_up_at,
        {{ business_time('pickup_at') }} as pickup_time
    from united

),

measured as (

    select
        -- keys
        trip_key,
        driver_key,
        driver_durable_key,

        -- attributes
        trip_state,
        cab_type,
        is_completed,
        is_cancelled,

        -- amounts
        total_amount,
        tip_amount,
        cast({{ seconds_between('booked_at', 'picked_up_at') }} as bigint) as waiting_seconds,

        -- times
        cast(pickup_time as date) as trip_date,
        cast(extract(hour from pickup_time) as bigint) as trip_hour,
        coalesce(picked_up_at, pickup_at) as picked_up_at,
        completed_at
    from timed

)

select * from measured
