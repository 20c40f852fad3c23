with source as (

    {{ rows_of('taxi', 'drivers') }}

),

renamed as (

    select
        -- keys
        driver_id,
        driver_id_pseudonym as driver_pseudonym,
        make as car_model_id,
        payment_id as payment_type_id,

        -- attributes
        driver_name,
        vehicle_id,
        driver_email,
        driver_mobile,
        address,
        rating,

        -- times
        {{ as_timestamp('created_on') }} as registered_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row,

        -- what decides between rows
        row_key
    from source

),

hashed as (

    select
        *,
        {{ row_hash([
            'car_model_id',
            'payment_type_id',
            'driver_name',
            'vehicle_id',
            'driver_email',
            'driver_mobile',
            'address',
            'rating',
        ]) }} as row_hash
    from renamed

)

select * from hashed
