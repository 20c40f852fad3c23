{{ config(**engine_config(dist='customer_key', sort=['customer_key'])) }}

with customers as (

    select * from {{ ref('stg_shop__customers') }}

),

identified as (

    select
        -- keys
        {{ key_of(['customer_pseudonym']) }} as customer_key,
        customer_id,

        -- attributes
        first_name,
        last_name,
        email
    from customers

)

select * from identified
