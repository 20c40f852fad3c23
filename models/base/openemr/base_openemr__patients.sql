with source as (

    {{ rows_of('openemr', 'patient_data') }}

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
        _source_row as source_row,

        -- what decides between rows
        row_key
    from source

),

hashed as (

    select
        *,
        {{ row_hash([
            'usual_physician_id',
            'first_name',
            'last_name',
            'email',
            'date_of_birth',
            'address',
            'zip_code',
        ], times=['died_at']) }} as row_hash
    from renamed

)

select * from hashed
