with source as (

    {{ state_of('salesforce', 'contact') }}

),

renamed as (

    select
        -- keys
        id as contact_id,
        id_pseudonym as contact_pseudonym,
        account_id as crm_account_id,
        owner_id,

        -- attributes
        first_name,
        last_name,
        email,
        phone as phone_number,
        title,

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
