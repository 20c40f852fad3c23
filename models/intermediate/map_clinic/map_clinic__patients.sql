with patients as (

    {{ versions_of(ref('snap_clinic__patients'), 'patient_id') }}

),

mapped as (

    select
        -- keys
        'clinic' as system_name,
        patient_id,
        patient_pseudonym,
        insurance_plan_id,

        -- attributes
        first_name,
        last_name,
        email,
        date_of_birth,
        address,
        zip_code,
        is_active,

        -- times
        is_current,
        valid_from,
        valid_to,
        seen_from,
        seen_to
    from patients

)

select * from mapped
