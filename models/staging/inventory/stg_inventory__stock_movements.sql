with source as (

    {{ state_of('inventory', 'mv_stock_movement') }}

),

renamed as (

    select
        -- keys
        movement_id,
        item_id,
        location,

        -- amounts
        quantity,

        -- times
        {{ as_timestamp('moved_at') }} as moved_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
