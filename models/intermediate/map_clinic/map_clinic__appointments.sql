with appointments as (

    select * from {{ ref('stg_clinic__appointments') }}

),

mapped as (

    select
        -- keys
        'clinic' as system_name,
        appointment_id,
        physician_id,
        patient_id,
        patient_pseudonym,

        -- attributes
        appointment_status,
        scheduled_by,
        place,
        minutes,

        -- times
        appointment_date,
        appointment_time,
        booked_on,

        -- lineage
        extract_date,
        load_id
    from appointments

)

select * from mapped
