with balances as (

    select * from {{ ref('fct_account_balances') }}

),

overdue as (

    select
        -- keys
        account_key,
        patient_key,
        patient_durable_key,
        insurance_plan_key,
        insurance_plan_durable_key,

        -- amounts
        balance_amount,
        last_payment_amount,

        -- times
        payment_due_date,
        cast({{ days_between('payment_due_date', 'as_of_date') }} as bigint) as days_overdue,
        balance_date,
        as_of_date
    from balances
    where
        is_latest
        and balance_amount > 0
        and payment_due_date < as_of_date

)

select * from overdue
