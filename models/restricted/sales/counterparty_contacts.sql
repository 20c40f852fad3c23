{{ config(**engine_config(dist='all', sort=['counterparty_key'])) }}

with counterparties as (

    select * from {{ ref('stg_totesys__counterparties') }}

),

addresses as (

    select * from {{ ref('stg_totesys__addresses') }}

),

identified as (

    select
        -- keys
        {{ key_of(['counterparties.counterparty_id']) }} as counterparty_key,

        -- attributes
        counterparties.legal_name,
        counterparties.commercial_contact,
        counterparties.delivery_contact,
        addresses.address_line_1 as legal_address_line_1,
        addresses.address_line_2 as legal_address_line_2,
        addresses.postal_code as legal_postal_code,
        addresses.phone as legal_phone
    from counterparties
    left join addresses
        on counterparties.legal_address_id = addresses.address_id

)

select * from identified
