with source as (

    {{ state_of('taxi', 'cab_types') }}

),

renamed as (

    select
        -- keys
        id as cab_type_id,

        -- attributes
        type as cab_type,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
