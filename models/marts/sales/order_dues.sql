-- Longer than the budget: orders of two sides and their payments are brought together day by day.
{{ config(**engine_config(dist='counterparty_key', sort=['balance_date'])) }}

with sales_orders as (

    select * from {{ ref('fct_sales_orders') }}

),

purchase_orders as (

    select * from {{ ref('fct_purchase_orders') }}

),

payments as (

    select * from {{ ref('fct_payments') }}

),

payment_types as (

    select * from {{ ref('dim_payment_types') }}

),

transactions as (

    select * from {{ ref('dim_transactions') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}
    where area = 'sales'

),

-- the ends of all months that are over, and the as-of date
balance_dates as (

    select
        dates.date_day as balance_date,
        dates.date_day = as_of_dates.as_of_date as is_latest
    from {{ ref('dim_dates') }} as dates
    cross join as_of_dates
    where
        dates.date_day = as_of_dates.as_of_date
        or (dates.date_day = dates.month_end and dates.date_day < as_of_dates.as_of_date)

),

orders as (

    select
        'receivable' as side,
        sales_order_id as order_id,
        counterparty_key,
        currency_key,
        order_amount,
        agreed_payment_date as due_date,
        valid_from,
        valid_to
    from sales_orders
    union all
    select
        'payable' as side,
        purchase_order_id as order_id,
        counterparty_key,
        currency_key,
        order_amount,
        agreed_payment_date as due_date,
        valid_from,
        valid_to
    from purchase_orders

),

-- payments less repayments
paid as (

    select
        case
            when
                transactions.sales_order_id is not null
                or payment_types.payment_type_name like 'SALES%'
                then 'receivable'
            else 'payable'
        end as side,
        coalesce(transactions.sales_order_id, transactions.purchase_order_id) as order_id,
        payments.payment_id,
        payments.counterparty_key,
        payments.currency_key,
        case
            when payment_types.payment_type_name like '%REFUND' then -payments.payment_amount
            else payments.payment_amount
        end as paid_amount,
        payments.valid_from,
        payments.valid_to
    from payments
    left join transactions
        on payments.transaction_key = transactions.transaction_key
    left join payment_types
        on payments.payment_type_key = payment_types.payment_type_key
    where payments.is_paid

),

orders_dated as (

    select
        orders.*,
        balance_dates.balance_date,
        balance_dates.is_latest
    from orders
    inner join balance_dates
        on {{ valid_on('orders', 'balance_dates.balance_date') }}

),

-- a payment in another currency does not pay the order
paid_dated as (

    select
        paid.*,
        balance_dates.balance_date,
        balance_dates.is_latest,
        orders_dated.order_id is not null as is_applied
    from paid
    inner join balance_dates
        on {{ valid_on('paid', 'balance_dates.balance_date') }}
    left join orders_dated
        on paid.side = orders_dated.side
        and paid.order_id = orders_dated.order_id
        and paid.currency_key = orders_dated.currency_key
        and balance_dates.balance_date = orders_dated.balance_date

),

paid_per_order as (

    select
        side,
        order_id,
        balance_date,
        sum(paid_amount) as paid_amount
    from paid_dated
    where is_applied
    group by side, order_id, balance_date

),

lines as (

    select
        orders_dated.side,
        orders_dated.order_id,
        cast(null as bigint) as payment_id,
        orders_dated.counterparty_key,
        orders_dated.currency_key,
        orders_dated.is_latest,
        cast(orders_dated.order_amount as decimal(18, 2)) as order_amount,
        cast(coalesce(paid_per_order.paid_amount, 0) as decimal(18, 2)) as paid_amount,
        cast(
            orders_dated.order_amount - coalesce(paid_per_order.paid_amount, 0) as decimal(18, 2)
        ) as balance_amount,
        orders_dated.due_date,
        orders_dated.balance_date
    from orders_dated
    left join paid_per_order
        on orders_dated.side = paid_per_order.side
        and orders_dated.order_id = paid_per_order.order_id
        and orders_dated.balance_date = paid_per_order.balance_date
    union all
    select
        side,
        order_id,
        payment_id,
        counterparty_key,
        currency_key,
        is_latest,
        cast(0 as decimal(18, 2)) as order_amount,
        cast(paid_amount as decimal(18, 2)) as paid_amount,
        cast(-paid_amount as decimal(18, 2)) as balance_amount,
        cast(null as date) as due_date,
        balance_date
    from paid_dated
    where not is_applied

),

aged as (

    select
        *,
        {{ days_between('due_date', 'balance_date') }} as days_since_due
    from lines
    where balance_amount <> 0

),

bucketed as (

    select
        -- keys
        {{ key_of(['side', 'order_id', 'payment_id', 'balance_date']) }} as order_due_key,
        counterparty_key,
        currency_key,
        order_id,
        payment_id,

        -- attributes
        side,
        case
            when payment_id is not null then 'unapplied'
            when balance_amount < 0 then 'credit'
            when due_date is null then 'no date'
            when days_since_due <= 0 then 'not due'
            when days_since_due <= 30 then '1-30'
            when days_since_due <= 60 then '31-60'
            when days_since_due <= 90 then '61-90'
            else '>90'
        end as due_bucket,
        is_latest,

        -- amounts
        order_amount,
        paid_amount,
        cast(case when balance_amount > 0 then balance_amount else 0 end as decimal(18, 2))
            as open_amount,
        cast(case when balance_amount < 0 then balance_amount else 0 end as decimal(18, 2))
            as credit_amount,
        balance_amount,

        -- times
        due_date,
        balance_date
    from aged

)

select * from bucketed
