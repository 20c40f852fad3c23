{{ config(**engine_config(dist='all', sort=['counterparty_key'])) }}

with counterparties as (

    select * from {{ ref('stg_totesys__counterparties') }}

),

identified as (

    select
        -- keys
        {{ key_of(['counterparty_id']) }} as counterparty_key,

        -- attributes
        commercial_contact,
        delivery_contact
    from counterparties

)

select * from identified
