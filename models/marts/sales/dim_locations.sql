{{ config(**engine_config(dist='all', sort=['location_key'])) }}

with addresses as (

    select * from {{ ref('stg_totesys__addresses') }}

),

keyed as (

    select
        -- keys
        {{ key_of(['address_id']) }} as location_key,
        address_id,

        -- attributes
        district,
        city,
        country
    from addresses

),

with_unknown as (

    select * from keyed
    union all
    select
        {{ unknown_member() }} as location_key,
        cast(null as bigint) as address_id,
        cast(null as varchar(100)) as district,
        'Unknown' as city,
        'Unknown' as country

)

select * from with_unknown
