with source as (

    {{ state_of('synthea', 'patients') }}

),

renamed as (

    select
        -- keys
        id as patient_id,
        id_pseudonym as patient_pseudonym,

        -- attributes
        first_name,
        middle_name,
        last_name,
        address,
        zip as zip_code,

        -- times
        birth_date as date_of_birth,
        death_date as died_on,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
