{{ config(**engine_config(dist='all', sort=['crm_account_durable_key', 'valid_from'])) }}

with accounts as (

    select * from {{ ref('int_crm_accounts_versioned') }}

),

named as (

    select
        -- keys
        crm_account_key,
        crm_account_durable_key,
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

),

with_unknown as (

    select * from named
    union all
    select
        {{ unknown_member() }} as crm_account_key,
        {{ unknown_member() }} as crm_account_durable_key,
        'unknown' as crm_account_id,
        cast(null as varchar) as owner_id,
        'Unknown' as account_name,
        cast(null as varchar) as account_type,
        cast(null as varchar) as industry,
        cast(null as varchar) as billing_city,
        cast(null as varchar) as billing_state,
        cast(null as varchar) as billing_postal_code,
        cast(null as varchar) as region,
        true as is_current,
        date '1900-01-01' as valid_from,
        cast(null as date) as valid_to,
        date '1900-01-01' as seen_from,
        cast(null as date) as seen_to

)

select * from with_unknown
