with source as (

    {{ state_of('openemr', 'insurance_data') }}

),

renamed as (

    select
        -- keys
        id as coverage_id,
        pid as patient_id,
        pid_pseudonym as patient_pseudonym,
        insurance_company_id,

        -- attributes
        level as coverage_position,

        -- times
        starts_on,
        ends_on,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
