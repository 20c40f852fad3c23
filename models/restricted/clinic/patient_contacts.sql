{{ config(**engine_config(dist='patient_durable_key', sort=['patient_durable_key'])) }}

with patients as (

    select * from {{ ref('int_patients_versioned') }}

),

reachable as (

    select
        -- keys
        patient_durable_key,
        patient_id,

        -- attributes
        first_name,
        last_name,
        email,
        address,
        zip_code,
        seen_to is null as is_patient
    from patients
    where is_current

)

select * from reachable
