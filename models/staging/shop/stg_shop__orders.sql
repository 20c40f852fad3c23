with source as (

    {{ state_of('shop', 'orders') }}

),

renamed as (

    select
        -- keys
        order_id,
        customer_id,
        customer_id_pseudonym as customer_pseudonym,

        -- attributes
        status as order_status,
        shipping_city,
        shipping_country,

        -- amounts
        freight as freight_amount,

        -- times
        order_date,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
