{{ config(**engine_config(dist='customer_key', sort=['customer_key'])) }}

with customers as (

    select * from {{ ref('stg_shop__customers') }}

),

keyed as (

    select
        -- keys
        {{ key_of(['customer_pseudonym']) }} as customer_key,

        -- attributes
        city,
        country,

        -- times
        {{ business_day('created_at') }} as signed_up_on
    from customers

),

with_unknown as (

    select * from keyed
    union all
    select
        {{ unknown_member() }} as customer_key,
        'Unknown' as city,
        'Unknown' as country,
        cast(null as date) as signed_up_on

)

select * from with_unknown
