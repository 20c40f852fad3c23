with source as (

    {{ every_version_of('totesys', 'purchase_order') }}

),

renamed as (

    select
        -- keys
        purchase_order_id,
        staff_id,
        counterparty_id,
        currency_id,
        agreed_delivery_location_id,

        -- attributes
        item_code,
        version_number,
        is_newest,

        -- amounts
        item_quantity as quantity,
        item_unit_price as unit_price,

        -- times
        agreed_delivery_date,
        agreed_payment_date,
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
