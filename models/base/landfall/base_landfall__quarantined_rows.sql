with source as (

    select * from {{ source('landfall', 'quarantined_rows') }}

),

renamed as (

    select
        -- keys
        source_name,
        table_name,
        load_id,
        line,
        byte_offset,
        row_key,

        -- attributes
        column_name,
        code
    from source

)

select * from renamed
