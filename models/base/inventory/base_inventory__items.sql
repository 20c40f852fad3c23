with source as (

    {{ rows_of('inventory', 'mv_item') }}

),

renamed as (

    select
        -- keys
        item_id,

        -- attributes
        description as item_description,
        category as item_category,

        -- amounts
        unit_cost,

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
            'item_description',
            'item_category',
            'unit_cost',
        ]) }} as row_hash
    from renamed

)

select * from hashed
