with source as (

    {{ state_of('openemr', 'openemr_postcalendar_categories') }}

),

renamed as (

    select
        -- keys
        pc_catid as category_id,

        -- attributes
        pc_constant_id as constant_name,
        pc_catname as category_name,
        pc_cattype as category_type,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
