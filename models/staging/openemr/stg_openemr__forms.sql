with source as (

    {{ state_of('openemr', 'forms') }}

),

renamed as (

    select
        -- keys
        id as form_row_id,
        encounter as encounter_number,
        form_id,

        -- attributes
        formdir as form_name,
        deleted = 1 as is_deleted,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
