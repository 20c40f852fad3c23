with source as (

    {{ rows_of('clinic', 'patient') }}

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
        _source_row as source_row,

        -- what decides between rows
        row_key,
        is_removal
    from source

),

hashed as (

    select
        *,
        {{ row_hash([
            'insurance_plan_id',
            'first_name',
            'last_name',
            'email',
            'date_of_birth',
            'address',
            'zip_code',
        ], conditions=['is_active']) }} as row_hash
    from renamed

)

select * from hashed
