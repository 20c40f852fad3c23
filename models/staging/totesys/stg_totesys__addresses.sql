with source as (

    {{ state_of('totesys', 'address') }}

),

renamed as (

    select
        -- keys
        address_id,

        -- attributes
        address_line_1,
        address_line_2,
        district,
        city,
        postal_code,
        country,
        phone,

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
