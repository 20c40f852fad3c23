with source as (

    {{ rows_of('inventory', 'mv_stock_balance') }}

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
        _source_row as source_row,

        -- what decides between rows
        row_key
    from source

),

hashed as (

    select
        *,
        {{ row_hash([
            'item_id',
            'location',
            'quantity',
        ], times=['refreshed_at']) }} as row_hash
    from renamed

)

select * from hashed
