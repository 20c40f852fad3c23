with source as (

    {{ state_of('shop', 'order_items') }}

),

renamed as (

    select
        -- keys
        order_id,
        line_number,
        product_id,

        -- amounts
        quantity,
        unit_price,
        discount as discount_amount,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
