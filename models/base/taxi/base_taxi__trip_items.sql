with source as (

    {{ rows_of('taxi', 'trips_table') }}

),

renamed as (

    select
        -- keys
        {{ row_key(['riderid', 'tripinfo'], 'source') }} as trip_item_id,
        source.riderid_pseudonym as rider_email_pseudonym,
        source.tripinfo as trip_info,
        source.id as trip_number,
        source.rider_id_pseudonym as rider_pseudonym,
        source.driver_id_pseudonym as driver_pseudonym,
        source.rate_code_id,
        source.cab_type_id,
        source.payment_type as payment_type_id,
        source.driver_details_vehicle_type as details_cab_type_id,

        -- attributes
        source.status as source_status,
        source.passenger_count,
        source.vendor_id,
        source.trip_type as trip_type_id,
        source.vehicle_id,
        source.driver_details_vehicle_id as details_vehicle_id,

        -- amounts
        source.fare_amount,
        source.extra as extra_amount,
        source.mta_tax as mta_tax_amount,
        source.tip_amount,
        source.tolls_amount,
        source.ehail_fee as ehail_fee_amount,
        source.improvement_surcharge as improvement_surcharge_amount,
        source.total_amount,
        source.trip_distance,

        -- times
        {{ as_timestamp('source.pickup_datetime') }} as pickup_at,
        {{ as_timestamp('source.dropoff_datetime') }} as dropoff_at,
        {{ as_timestamp('source.written_at') }} as written_at,

        -- lineage
        source.extract_date,
        source.load_id,
        {{ as_timestamp('source._extracted_at') }} as extracted_at,
        source._source_row as source_row,

        -- what decides between rows
        source.row_key,
        source.row_order,
        source.is_removal
    from source

),

hashed as (

    select
        *,
        {{ row_hash([
            'source_status',
        ]) }} as row_hash
    from renamed

)

select * from hashed
