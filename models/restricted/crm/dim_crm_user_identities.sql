{{ config(**engine_config(dist='all', sort=['crm_user_id'])) }}

with users as (

    select * from {{ ref('stg_salesforce__users') }}

),

identified as (

    select
        -- keys
        crm_user_id,

        -- attributes
        user_name,
        email,
        is_active
    from users

)

select * from identified
