with source as (

    {{ state_of('salesforce', 'opportunity_history') }}

),

renamed as (

    select
        -- keys
        id as opportunity_change_id,
        opportunity_id,
        created_by_id as changed_by_id,

        -- attributes
        stage_name,

        -- amounts
        amount,
        probability,

        -- times
        close_date,
        {{ as_timestamp('created_date') }} as created_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
