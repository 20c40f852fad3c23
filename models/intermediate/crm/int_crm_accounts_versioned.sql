with accounts as (

    {{ versions_of(ref('snap_salesforce__accounts'), 'crm_account_id') }}

),

keyed as (

    select
        -- keys
        {{ key_of(['crm_account_id', 'seen_from']) }} as crm_account_key,
        {{ key_of(['crm_account_id']) }} as crm_account_durable_key,
        crm_account_id,
        owner_id,

        -- attributes
        account_name,
        account_type,
        industry,
        billing_city,
        billing_state,
        billing_postal_code,
        region,
        is_current,

        -- times
        valid_from,
        valid_to,
        seen_from,
        seen_to
    from accounts

)

select * from keyed
