with source as (

    {{ every_version_of('salesforce', 'opportunity') }}

),

renamed as (

    select
        -- keys
        id as opportunity_id,
        account_id as crm_account_id,

        -- attributes
        coalesce(is_deleted, false) as is_deleted,
        version_number,
        is_newest,

        -- times
        {{ as_timestamp('system_modstamp') }} as changed_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
