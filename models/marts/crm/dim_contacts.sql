{{ config(**engine_config(dist='all', sort=['contact_key'])) }}

with contacts as (

    select * from {{ ref('stg_salesforce__contacts') }}

),

accounts as (

    select * from {{ ref('int_crm_accounts_versioned') }}
    where is_current

),

stripped as (

    select
        -- keys
        {{ key_of(['contacts.contact_pseudonym']) }} as contact_key,
        coalesce(accounts.crm_account_key, {{ unknown_member() }}) as crm_account_key,
        coalesce(accounts.crm_account_durable_key, {{ unknown_member() }})
            as crm_account_durable_key,
        contacts.owner_id,

        -- attributes
        contacts.email is not null as has_email,
        contacts.phone_number is not null as has_phone,

        -- times
        {{ business_day('contacts.created_at') }} as created_on
    from contacts
    left join accounts
        on contacts.crm_account_id = accounts.crm_account_id

)

select * from stripped
