with source as (

    {{ state_of('inventory', 'mv_stock_balance') }}

),

renamed as (

    select
        -- keys
        {{ row_key(['item_id', 'location']) }} as stock_place_id,
        item_id,
        location,

        -- amounts
        quantity,

        -- times
        {{ as_timestamp('refreshed_at') }} as refreshed_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
