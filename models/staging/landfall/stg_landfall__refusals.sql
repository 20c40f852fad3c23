with source as (

    select * from {{ source('landfall', 'refusals') }}

),

renamed as (

    select
        -- keys
        object_name,
        source_name,
        table_name,

        -- attributes
        code,
        line,
        column_name,

        -- times
        refused_at
    from source

)

select * from renamed
