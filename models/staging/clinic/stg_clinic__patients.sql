with source as (

    {{ state_of('clinic', 'patient') }}

),

renamed as (

    select
        -- keys
        person_id as patient_id,
        person_id_pseudonym as patient_pseudonym,
        insurance as insurance_plan_id,

        -- attributes
        first_name,
        last_name,
        email,
        dob as date_of_birth,
        address,
        zip as zip_code,
        active as is_active,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
