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
        addresses.district as legal_district,
        addresses.city as legal_city,
        addresses.country as legal_country
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
        cast(null as varchar(100)) as legal_district,
        cast(null as varchar(100)) as legal_city,
        'Unknown' as legal_country

)

select * from with_unknown
