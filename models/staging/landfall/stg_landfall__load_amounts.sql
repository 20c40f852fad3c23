with source as (

    select * from {{ source('landfall', 'load_amounts') }}

),

renamed as (

    select
        -- keys
        source_name,
        table_name,
        load_id,
        column_name,

        -- amounts
        landed_sum
    from source

)

select * from renamed
