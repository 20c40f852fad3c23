with source as (

    {{ state_of('salesforce', 'opportunity') }}

),

renamed as (

    select
        -- keys
        id as opportunity_id,
        account_id as crm_account_id,
        owner_id,

        -- attributes
        name as opportunity_name,
        stage_name,
        is_closed,
        is_won,

        -- amounts
        amount,
        probability,

        -- times
        close_date,
        {{ as_timestamp('created_date') }} as created_at,
        {{ as_timestamp('system_modstamp') }} as changed_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
