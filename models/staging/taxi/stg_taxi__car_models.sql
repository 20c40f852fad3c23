with source as (

    {{ state_of('taxi', 'car_model') }}

),

renamed as (

    select
        -- keys
        id as car_model_id,

        -- attributes
        make as car_make,
        model as car_model,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
