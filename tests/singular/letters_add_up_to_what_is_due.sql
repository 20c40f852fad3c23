-- The lines of each letter add up to the balance it closes with and to the amount it asks for, and
-- every patient who owes more than we hold gets one: for what the ageing says.
with letters as (

    select
        patient_durable_key,
        sum(line_amount) as line_amount,
        sum(own_line_amount) as own_line_amount,
        min(closing_balance_amount) as closing_balance_amount,
        min(open_amount) as open_amount,
        min(amount_due) as amount_due
    from {{ ref('patient_statements_to_send') }}
    group by patient_durable_key

),

owing as (

    select
        patient_durable_key,
        sum(open_amount) as open_amount,
        sum(balance_amount) as balance_amount
    from {{ ref('ar_ageing') }}
    where payer_id = 'patient'
    group by patient_durable_key
    having sum(balance_amount) > 0

),

compared as (

    select
        coalesce(letters.patient_durable_key, owing.patient_durable_key) as patient_durable_key,
        letters.line_amount,
        letters.own_line_amount,
        letters.closing_balance_amount,
        coalesce(letters.open_amount, 0) as open_amount,
        coalesce(letters.amount_due, 0) as amount_due,
        coalesce(owing.open_amount, 0) as aged_amount,
        coalesce(owing.balance_amount, 0) as owed_amount
    from letters
    full outer join owing
        on letters.patient_durable_key = owing.patient_durable_key

)

select * from compared
where
    amount_due <> owed_amount
    or open_amount <> aged_amount
    or line_amount <> closing_balance_amount
    or own_line_amount <> amount_due
