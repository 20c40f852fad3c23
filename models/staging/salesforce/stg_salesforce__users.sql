with source as (

    {{ state_of('salesforce', 'user') }}

),

renamed as (

    select
        -- keys
        id as crm_user_id,

        -- attributes
        name as user_name,
        email,
        is_active,

        -- times
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
