with source as (

    {{ state_of('synthea', 'providers') }}

),

renamed as (

    select
        -- keys
        id as provider_id,

        -- attributes
        name as provider_name,
        speciality,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
