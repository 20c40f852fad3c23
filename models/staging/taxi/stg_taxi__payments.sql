with source as (

    {{ state_of('taxi', 'payment') }}

),

renamed as (

    select
        -- keys
        id as payment_id,
        billing_id,
        driver_id_pseudonym as driver_pseudonym,
        payment_id as payment_type_id,

        -- attributes
        billing_cycle,
        payment_status,
        description,

        -- amounts
        payment_amount,

        -- times
        {{ as_timestamp('payment_date') }} as paid_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
