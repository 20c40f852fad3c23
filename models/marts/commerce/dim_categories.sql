{{ config(**engine_config(dist='all')) }}

with categories as (

    select * from {{ ref('stg_shop__categories') }}

),

keyed as (

    select
        -- keys
        {{ key_of(['category_id']) }} as category_key,
        category_id,

        -- attributes
        category_name
    from categories

),

with_unknown as (

    select * from keyed
    union all
    select
        {{ unknown_member() }} as category_key,
        'unknown' as category_id,
        'Unknown' as category_name

)

select * from with_unknown
