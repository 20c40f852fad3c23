-- The lines of each letter add up to the balance it closes with and to the amount it asks for, and
-- every debtor gets one.
with letters as (

    select
        patient_durable_key,
        sum(line_amount) as line_amount,
        sum(own_line_amount) as own_line_amount,
        min(closing_balance_amount) as closing_balance_amount,
        min(amount_due) as amount_due
    from {{ ref('patient_statements_to_send') }}
    group by patient_durable_key

),

owing as (

    select
        patient_durable_key,
        sum(signed_amount) as balance
    from {{ ref('fct_ledger_entries') }}
    where
        not is_future_dated
        and payer_id = 'patient'
    group by patient_durable_key

),

compared as (

    select
        coalesce(letters.patient_durable_key, owing.patient_durable_key) as patient_durable_key,
        letters.line_amount,
        letters.own_line_amount,
        letters.closing_balance_amount,
        coalesce(letters.amount_due, 0) as amount_due,
        case when owing.balance > 0 then owing.balance else 0 end as owed
    from letters
    full outer join owing
        on letters.patient_durable_key = owing.patient_durable_key

)

select * from compared
where
    amount_due <> owed
    or line_amount <> closing_balance_amount
    or own_line_amount <> amount_due
