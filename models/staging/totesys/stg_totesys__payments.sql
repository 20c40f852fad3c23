with source as (

    {{ every_version_of('totesys', 'payment') }}

),

renamed as (

    select
        -- keys
        payment_id,
        transaction_id,
        counterparty_id,
        currency_id,
        payment_type_id,

        -- attributes
        paid as is_paid,
        company_ac_number as company_account_number,
        counterparty_ac_number as counterparty_account_number,
        version_number,
        is_newest,

        -- amounts
        payment_amount,

        -- times
        payment_date,
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
