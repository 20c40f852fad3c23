-- Longer than most: a trip has many columns.

with source as (

    {{ state_of('taxi', 'trips') }}

),

trip_states as (

    select * from {{ ref('trip_states') }}

),

renamed as (

    select
        -- keys
        {{ row_key(['rider_email', 'trip_info'], 'source') }} as trip_row_id,
        source.id as trip_id,
        source.rider_id_pseudonym as rider_pseudonym,
        source.driver_id_pseudonym as driver_pseudonym,
        source.rider_email_pseudonym,
        source.trip_info,
        source.cab_type_id,
        source.rate_code_id,
        source.payment_type as payment_type_id,

        -- attributes
        source.vehicle_id,
        source.vendor_id,
        source.passenger_count,
        source.trip_type as trip_type_id,
        coalesce(trip_states.trip_state, source.status) as trip_state,
        source.status as source_status,

        -- amounts
        source.trip_distance,
        source.fare_amount,
        source.extra as extra_amount,
        source.mta_tax as mta_tax_amount,
        source.tip_amount,
        source.tolls_amount,
        source.ehail_fee as ehail_fee_amount,
        source.improvement_surcharge as improvement_surcharge_amount,
        source.total_amount,

        -- times
        {{ as_timestamp('source.pickup_datetime') }} as pickup_at,
        {{ as_timestamp('source.dropoff_datetime') }} as dropoff_at,

        -- lineage
        source.extract_date,
        source.load_id,
        {{ as_timestamp('source._extracted_at') }} as extracted_at,
        source._source_row as source_row
    from source
    left join trip_states
        on {{ remove_all('lower(source.status)', '[^a-z]') }} = trip_states.spelling

)

select * from renamed
