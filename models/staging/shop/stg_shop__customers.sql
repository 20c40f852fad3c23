with source as (

    {{ state_of('shop', 'customers') }}

),

renamed as (

    select
        -- keys
        customer_id,
        customer_id_pseudonym as customer_pseudonym,

        -- attributes
        first_name,
        last_name,
        email,
        city,
        country,

        -- times
        {{ as_timestamp('created_at') }} as created_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
