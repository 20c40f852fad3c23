with source as (

    {{ state_of('shop', 'categories') }}

),

renamed as (

    select
        -- keys
        category_id,

        -- attributes
        category_name,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
