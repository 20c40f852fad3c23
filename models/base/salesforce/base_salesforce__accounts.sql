with source as (

    {{ rows_of('salesforce', 'account') }}

),

renamed as (

    select
        -- keys
        id as crm_account_id,
        owner_id,

        -- attributes
        name as account_name,
        type as account_type,
        industry,
        billing_city,
        billing_state,
        billing_postal_code,
        region__c as region,

        -- times
        {{ as_timestamp('created_date') }} as created_at,
        {{ as_timestamp('system_modstamp') }} as changed_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row,

        -- what decides between rows
        row_key,
        row_order,
        is_removal
    from source

),

hashed as (

    select
        *,
        {{ row_hash([
            'owner_id',
            'account_name',
            'account_type',
            'industry',
            'billing_city',
            'billing_state',
            'billing_postal_code',
            'region',
        ]) }} as row_hash
    from renamed

)

select * from hashed
