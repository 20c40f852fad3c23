with source as (

    select * from {{ ref('base_landfall__quarantined_rows') }}

),

renamed as (

    select
        -- keys
        source_name,
        table_name,
        load_id,
        line,
        byte_offset,

        -- attributes: the row's key stays in raw, it may name a person
        column_name,
        code,
        row_key is not null as has_readable_key
    from source

)

select * from renamed
