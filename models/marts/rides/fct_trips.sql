-- longer than most: one join for each dimension and each list of codes
{{ config(**engine_config(dist='trip_key', sort=['pickup_at'])) }}

with trips as (

    select * from {{ ref('int_trips_matched') }}

),

-- when each state was written, as far as an export showed it
states as (

    select
        {{ key_of(['items.rider_email_pseudonym', 'items.trip_info']) }} as trip_key,
        min(case when trip_states.trip_state = 'booked' then items.written_at end) as booked_at,
        min(case when trip_states.trip_state = 'accepted' then items.written_at end) as accepted_at
    from {{ ref('snap_taxi__trip_items') }} as items
    inner join {{ ref('trip_states') }} as trip_states
        on {{ remove_all('lower(items.source_status)', '[^a-z]') }} = trip_states.spelling
    group by items.rider_email_pseudonym, items.trip_info

),

riders as (

    select * from {{ ref('int_riders_versioned') }}

),

drivers as (

    select * from {{ ref('int_drivers_versioned') }}

),

payment_types as (

    select * from {{ ref('stg_taxi__payment_types') }}

),

rate_codes as (

    select * from {{ ref('stg_taxi__rate_codes') }}

),

cab_types as (

    select * from {{ ref('stg_taxi__cab_types') }}

),

joined as (

    select
        -- keys
        trips.trip_key,
        coalesce(riders.rider_key, {{ unknown_member() }}) as rider_key,
        {{ key_or_unknown('trips.rider_pseudonym') }} as rider_durable_key,
        coalesce(drivers.driver_key, {{ unknown_member() }}) as driver_key,
        {{ key_or_unknown('trips.driver_pseudonym') }} as driver_durable_key,

        -- attributes
        coalesce(trips.aurora_state, trips.dynamodb_state) as trip_state,
        payment_types.payment_type,
        rate_codes.rate_code,
        cab_types.cab_type,
        coalesce(trips.aurora_passengers, trips.dynamodb_passengers) as passenger_count,
        trips.is_in_dynamodb,
        trips.is_in_aurora,

        -- amounts
        cast(
            case
                when trips.is_in_aurora then trips.aurora_fare_amount
                else trips.dynamodb_fare_amount
            end as decimal(18, 6)
        ) as fare_amount,
        cast(
            case
                when trips.is_in_aurora then trips.aurora_tolls_amount
                else trips.dynamodb_tolls_amount
            end as decimal(18, 6)
        ) as tolls_amount,
        cast(
            case
                when trips.is_in_aurora then trips.aurora_tip_amount
                else trips.dynamodb_tip_amount
            end as decimal(18, 6)
        ) as tip_amount,
        cast(
            case
                when trips.is_in_aurora then trips.aurora_total_amount
                else trips.dynamodb_total_amount
            end as decimal(18, 6)
        ) as total_amount,
        cast(trips.trip_distance as decimal(18, 6)) as trip_distance,

        -- times
        coalesce(states.booked_at, trips.pickup_at) as booked_at,
        states.accepted_at,
        trips.dropoff_at as completed_at,
        case
            when trips.aurora_state = 'processed' then {{ last_business_day(
                as_timestamp(add_days('trips.dropoff_at', 1))
            ) }}
        end as processed_on,
        trips.pickup_at
    from trips
    left join states
        on trips.trip_key = states.trip_key
    left join riders
        on trips.rider_pseudonym = riders.rider_pseudonym
        and {{ valid_on('riders', business_day('trips.pickup_at')) }}
    left join drivers
        on trips.driver_pseudonym = drivers.driver_pseudonym
        and {{ valid_on('drivers', business_day('trips.pickup_at')) }}
    left join payment_types
        on trips.payment_type_id = payment_types.payment_type_id
    left join rate_codes
        on trips.rate_code_id = rate_codes.rate_code_id
    left join cab_types
        on trips.cab_type_id = cab_types.cab_type_id

)

select * from joined
