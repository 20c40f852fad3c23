with source as (

    {{ state_of('synthea', 'payers') }}

),

renamed as (

    select
        -- keys
        id as payer_id,

        -- attributes
        name as payer_name,
        ownership,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
