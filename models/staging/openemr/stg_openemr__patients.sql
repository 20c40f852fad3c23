with source as (

    {{ state_of('openemr', 'patient_data') }}

),

renamed as (

    select
        -- keys
        pid as patient_id,
        pid_pseudonym as patient_pseudonym,
        provider_id as usual_physician_id,

        -- attributes
        fname as first_name,
        lname as last_name,
        email,
        dob as date_of_birth,
        street as address,
        postal_code as zip_code,

        -- times
        {{ as_timestamp('regdate') }} as registered_at,
        {{ as_timestamp('deceased_date') }} as died_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
