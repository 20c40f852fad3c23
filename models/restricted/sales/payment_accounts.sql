{{ config(**engine_config(dist='payment_version_key', sort=['payment_version_key'])) }}

with payments as (

    select * from {{ ref('stg_totesys__payments') }}

),

identified as (

    select
        -- keys
        {{ key_of([
            'payment_id',
            ms_text('updated_at'),
            ms_text('extracted_at'),
        ]) }} as payment_version_key,

        -- attributes
        company_account_number,
        counterparty_account_number
    from payments

)

select * from identified
