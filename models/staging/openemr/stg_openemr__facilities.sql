with source as (

    {{ state_of('openemr', 'facility') }}

),

renamed as (

    select
        -- keys
        id as facility_id,

        -- attributes
        name as facility_name,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
