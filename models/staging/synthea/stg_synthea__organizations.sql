with source as (

    {{ state_of('synthea', 'organizations') }}

),

renamed as (

    select
        -- keys
        id as organization_id,

        -- attributes
        name as organization_name,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
