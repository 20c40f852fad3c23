{{ config(**engine_config(dist='transaction_key', sort=['created_date'])) }}

with payments as (

    select
        *,
        {{ known_interval('payment_id') }}
    from {{ ref('stg_totesys__payments') }}

),

transactions as (

    select * from {{ ref('dim_transactions') }}

),

counterparties as (

    select * from {{ ref('dim_counterparties') }}

),

currencies as (

    select * from {{ ref('dim_currencies') }}

),

payment_types as (

    select * from {{ ref('dim_payment_types') }}

),

joined as (

    select
        -- keys
        {{ key_of([
            'payments.payment_id',
            ms_text('payments.updated_at'),
            ms_text('payments.extracted_at'),
        ]) }} as payment_version_key,
        coalesce(transactions.transaction_key, {{ unknown_member() }}) as transaction_key,
        coalesce(counterparties.counterparty_key, {{ unknown_member() }}) as counterparty_key,
        coalesce(currencies.currency_key, {{ unknown_member() }}) as currency_key,
        coalesce(payment_types.payment_type_key, {{ unknown_member() }}) as payment_type_key,
        payments.payment_id,

        -- attributes
        payments.is_paid,
        payments.version_number,
        payments.is_newest,

        -- amounts
        payments.payment_amount,

        -- times
        payments.created_at,
        {{ business_day('payments.created_at') }} as created_date,
        payments.updated_at,
        {{ business_day('payments.updated_at') }} as updated_date,
        payments.payment_date,
        payments.valid_from,
        payments.valid_to
    from payments
    left join transactions
        on payments.transaction_id = transactions.transaction_id
    left join counterparties
        on payments.counterparty_id = counterparties.counterparty_id
    left join currencies
        on payments.currency_id = currencies.currency_id
    left join payment_types
        on payments.payment_type_id = payment_types.payment_type_id

)

select * from joined
