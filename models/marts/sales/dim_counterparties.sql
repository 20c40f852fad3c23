{{ config(**engine_config(dist='all', sort=['counterparty_key'])) }}

with counterparties as (

    select * from {{ ref('stg_totesys__counterparties') }}

),

addresses as (

    select * from {{ ref('stg_totesys__addresses') }}

),

keyed as (

    select
        -- keys
        {{ key_of(['counterparties.counterparty_id']) }} as counterparty_key,
        counterparties.counterparty_id,

        -- attributes
        counterparties.legal_name,
        addresses.address_line_1 as legal_address_line_1,
        addresses.address_line_2 as legal_address_line_2,
        addresses.district as legal_district,
        addresses.city as legal_city,
        addresses.postal_code as legal_postal_code,
        addresses.country as legal_country,
        addresses.phone as legal_phone
    from counterparties
    left join addresses
        on counterparties.legal_address_id = addresses.address_id

),

with_unknown as (

    select * from keyed
    union all
    select
        {{ unknown_member() }} as counterparty_key,
        cast(null as bigint) as counterparty_id,
        'Unknown' as legal_name,
        cast(null as varchar(100)) as legal_address_line_1,
        cast(null as varchar(100)) as legal_address_line_2,
        cast(null as varchar(100)) as legal_district,
        cast(null as varchar(100)) as legal_city,
        cast(null as varchar(100)) as legal_postal_code,
        cast(null as varchar(100)) as legal_country,
        cast(null as varchar(100)) as legal_phone

)

select * from with_unknown
