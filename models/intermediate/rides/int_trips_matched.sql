with trip_items as (

    select
        items.*,
        coalesce(trip_states.trip_state, items.source_status) as trip_state
    from {{ ref('stg_taxi__trip_items') }} as items
    left join {{ ref('trip_states') }} as trip_states
        on {{ remove_all('lower(items.source_status)', '[^a-z]') }} = trip_states.spelling

),

trips as (

    select * from {{ ref('stg_taxi__trips') }}

),

matched as (

    select
        -- keys
        coalesce(trips.rider_email_pseudonym, trip_items.rider_email_pseudonym)
            as rider_email_pseudonym,
        coalesce(trips.trip_info, trip_items.trip_info) as trip_info,
        coalesce(trips.rider_pseudonym, trip_items.rider_pseudonym) as rider_pseudonym,
        coalesce(trips.driver_pseudonym, trip_items.driver_pseudonym) as driver_pseudonym,
        coalesce(trips.rate_code_id, trip_items.rate_code_id) as rate_code_id,
        coalesce(trips.cab_type_id, trip_items.cab_type_id, trip_items.details_cab_type_id)
            as cab_type_id,
        coalesce(trips.payment_type_id, trip_items.payment_type_id) as payment_type_id,

        -- attributes
        trip_items.rider_email_pseudonym is not null as is_in_dynamodb,
        trips.rider_email_pseudonym is not null as is_in_aurora,
        trip_items.trip_state as dynamodb_state,
        trips.trip_state as aurora_state,
        trip_items.passenger_count as dynamodb_passengers,
        trips.passenger_count as aurora_passengers,

        -- amounts
        trip_items.fare_amount as dynamodb_fare_amount,
        cast(trips.fare_amount as decimal(18, 6)) as aurora_fare_amount,
        trip_items.tolls_amount as dynamodb_tolls_amount,
        cast(trips.tolls_amount as decimal(18, 6)) as aurora_tolls_amount,
        trip_items.tip_amount as dynamodb_tip_amount,
        cast(trips.tip_amount as decimal(18, 6)) as aurora_tip_amount,
        trip_items.total_amount as dynamodb_total_amount,
        cast(trips.total_amount as decimal(18, 6)) as aurora_total_amount,
        coalesce(trips.trip_distance, trip_items.trip_distance) as trip_distance,

        -- times
        coalesce(trips.pickup_at, trip_items.pickup_at) as pickup_at,
        coalesce(trips.dropoff_at, trip_items.dropoff_at) as dropoff_at,
        trips.extracted_at as aurora_extracted_at
    from trip_items
    full outer join trips
        on trip_items.rider_email_pseudonym = trips.rider_email_pseudonym
        and trip_items.trip_info = trips.trip_info

),

keyed as (

    select
        {{ key_of(['rider_email_pseudonym', 'trip_info']) }} as trip_key,
        *
    from matched

)

select * from keyed
