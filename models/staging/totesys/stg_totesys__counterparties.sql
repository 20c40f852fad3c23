with source as (

    {{ state_of('totesys', 'counterparty') }}

),

renamed as (

    select
        -- keys
        counterparty_id,
        legal_address_id,

        -- attributes
        counterparty_legal_name as legal_name,
        commercial_contact,
        delivery_contact,

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
