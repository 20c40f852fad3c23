{{ config(**engine_config(dist='transaction_key', sort=['transaction_key'])) }}

with transactions as (

    select * from {{ ref('stg_totesys__transactions') }}

),

keyed as (

    select
        -- keys
        {{ key_of(['transaction_id']) }} as transaction_key,
        transaction_id,

        -- attributes
        transaction_type,
        sales_order_id,
        purchase_order_id
    from transactions

),

with_unknown as (

    select * from keyed
    union all
    select
        {{ unknown_member() }} as transaction_key,
        cast(null as bigint) as transaction_id,
        'Unknown' as transaction_type,
        cast(null as bigint) as sales_order_id,
        cast(null as bigint) as purchase_order_id

)

select * from with_unknown
