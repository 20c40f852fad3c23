with encounters as (

    select * from {{ ref('stg_clinic__encounters') }}

),

mapped as (

    select
        -- keys
        'clinic' as system_name,
        encounter_id,
        patient_id,
        patient_pseudonym,
        appointment_id,
        physician_id,

        -- attributes
        encounter_status,
        source_status,
        place,

        -- times
        encounter_date,
        encounter_time,

        -- lineage
        extract_date,
        load_id
    from encounters

)

select * from mapped
