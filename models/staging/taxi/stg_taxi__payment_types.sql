with source as (

    {{ state_of('taxi', 'payment_types') }}

),

renamed as (

    select
        -- keys
        payment_id as payment_type_id,

        -- attributes
        name as payment_type,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
