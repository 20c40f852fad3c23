{{ config(**engine_config(dist='all', sort=['currency_key'])) }}

with currencies as (

    select * from {{ ref('stg_totesys__currencies') }}

),

keyed as (

    select
        -- keys
        {{ key_of(['currency_id']) }} as currency_key,
        currency_id,

        -- attributes
        currency_code
    from currencies

),

with_unknown as (

    select * from keyed
    union all
    select
        {{ unknown_member() }} as currency_key,
        cast(null as bigint) as currency_id,
        'Unknown' as currency_code

)

select * from with_unknown
