with source as (

    {{ state_of('synthea', 'encounters') }}

),

renamed as (

    select
        -- keys
        id as encounter_id,
        patient as patient_id,
        patient_pseudonym,
        organization as organization_id,
        provider as provider_id,

        -- times
        {{ as_timestamp('starts_at') }} as starts_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
