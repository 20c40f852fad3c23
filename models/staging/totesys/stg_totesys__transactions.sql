with source as (

    {{ state_of('totesys', 'transaction') }}

),

renamed as (

    select
        -- keys
        transaction_id,
        sales_order_id,
        purchase_order_id,

        -- attributes
        transaction_type,

        -- times
        {{ as_timestamp('created_at') }} as created_at,
        {{ as_timestamp('last_updated') }} as updated_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
