with balances as (

    select * from {{ ref('fct_account_balances') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}
    where area = 'billing'

),

overdue as (

    select
        -- keys
        balances.account_key,
        balances.patient_key,
        balances.patient_durable_key,
        balances.insurance_plan_key,
        balances.insurance_plan_durable_key,

        -- amounts
        balances.balance_amount,
        balances.last_payment_amount,

        -- times
        balances.payment_due_date,
        cast(
            {{ days_between('balances.payment_due_date', 'as_of_dates.as_of_date') }} as bigint
        ) as days_overdue,
        balances.balance_date,
        as_of_dates.as_of_date
    from balances
    cross join as_of_dates
    where
        balances.is_latest
        and balances.balance_amount > 0
        and balances.payment_due_date < as_of_dates.as_of_date

)

select * from overdue
