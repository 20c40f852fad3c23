with source as (

    {{ state_of('clinic', 'appointment') }}

),

renamed as (

    select
        -- keys
        appid as appointment_id,
        physician as physician_id,
        patient as patient_id,
        patient_pseudonym,

        -- attributes
        status as appointment_status,
        scheduled_by,
        office as place,
        minutes,

        -- times
        app_date as appointment_date,
        app_time as appointment_time,
        booked_on,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
