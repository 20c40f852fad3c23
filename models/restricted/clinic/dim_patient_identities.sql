{{ config(**engine_config(dist='patient_durable_key', sort=['patient_durable_key'])) }}

with patients as (

    select * from {{ ref('int_patients_versioned') }}

),

identified as (

    select
        -- keys
        patient_key,
        patient_durable_key,
        patient_id,

        -- attributes
        first_name,
        last_name,
        date_of_birth,
        is_current,

        -- times
        valid_from,
        valid_to,
        seen_from,
        seen_to
    from patients

)

select * from identified
