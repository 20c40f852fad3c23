{{ config(**engine_config(dist='all', sort=['contact_key'])) }}

with contacts as (

    select * from {{ ref('stg_salesforce__contacts') }}

),

identified as (

    select
        -- keys
        {{ key_of(['contact_pseudonym']) }} as contact_key,
        contact_id,

        -- attributes
        first_name,
        last_name,
        title,
        email,
        phone_number
    from contacts

)

select * from identified
