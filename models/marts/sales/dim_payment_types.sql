{{ config(**engine_config(dist='all', sort=['payment_type_key'])) }}

with payment_types as (

    select * from {{ ref('stg_totesys__payment_types') }}

),

keyed as (

    select
        -- keys
        {{ key_of(['payment_type_id']) }} as payment_type_key,
        payment_type_id,

        -- attributes
        payment_type_name
    from payment_types

),

with_unknown as (

    select * from keyed
    union all
    select
        {{ unknown_member() }} as payment_type_key,
        cast(null as bigint) as payment_type_id,
        'Unknown' as payment_type_name

)

select * from with_unknown
