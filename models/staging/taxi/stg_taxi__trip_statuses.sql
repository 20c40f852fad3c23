with source as (

    {{ state_of('taxi', 'trip_status') }}

),

renamed as (

    select
        -- keys
        status as source_status,

        -- attributes
        description,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
