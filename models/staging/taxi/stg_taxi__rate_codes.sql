with source as (

    {{ state_of('taxi', 'rate_codes') }}

),

renamed as (

    select
        -- keys
        rate_id as rate_code_id,

        -- attributes
        name as rate_code,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
