with source as (

    {{ state_of('totesys', 'department') }}

),

renamed as (

    select
        -- keys
        department_id,

        -- attributes
        department_name,
        location as department_location,
        manager,

        -- times
        {{ as_timestamp('created_at') }} as created_at,
        {{ as_timestamp('last_updated') }} as updated_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
