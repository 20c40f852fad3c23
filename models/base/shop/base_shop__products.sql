with source as (

    {{ rows_of('shop', 'products') }}

),

renamed as (

    select
        -- keys
        product_id,
        category_id,

        -- attributes
        product_name,
        discontinued as is_discontinued,

        -- amounts
        unit_price,

        -- times
        {{ as_timestamp('updated_at') }} as updated_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row,

        -- what decides between rows
        row_key,
        row_order
    from source

),

hashed as (

    select
        *,
        {{ row_hash([
            'category_id',
            'product_name',
            'unit_price',
        ], conditions=['is_discontinued']) }} as row_hash
    from renamed

)

select * from hashed
