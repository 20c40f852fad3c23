with source as (

    {{ state_of('openemr', 'form_encounter') }}

),

renamed as (

    select
        -- keys
        id as visit_id,
        encounter as encounter_number,
        pid as patient_id,
        pid_pseudonym as patient_pseudonym,
        provider_id as physician_id,
        facility_id,
        pc_catid as category_id,

        -- attributes
        last_level_billed,
        last_level_closed,

        -- times
        {{ as_timestamp('encounter_time') }} as visited_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
