-- Each statement opens where the one before it closed, the first at zero; its lines explain the
-- difference; and the last closes at the patient's balance in the ledger.
with statements as (

    select
        *,
        lag(closing_balance_amount) over (
            partition by patient_durable_key order by statement_month
        ) as closed_before,
        lead(statement_month) over (
            partition by patient_durable_key order by statement_month
        ) as next_month
    from {{ ref('patient_statements') }}

),

entries as (

    select
        patient_durable_key,
        sum(signed_amount) as balance,
        sum(case when payer_id = 'patient' then signed_amount else 0 end) as patient_balance
    from {{ ref('fct_ledger_entries') }}
    where not is_future_dated
    group by patient_durable_key

),

broken as (

    select patient_durable_key
    from statements
    where
        opening_balance_amount <> coalesce(closed_before, 0)
        or closing_balance_amount <> opening_balance_amount + charge_amount + plan_payment_amount
        + patient_payment_amount + adjustment_amount + refund_amount + transfer_amount
    union all
    select entries.patient_durable_key
    from entries
    left join statements
        on entries.patient_durable_key = statements.patient_durable_key
        and statements.next_month is null
    where
        entries.balance <> coalesce(statements.closing_balance_amount, 0)
        or entries.patient_balance <> coalesce(statements.patient_share_amount, 0)

)

select * from broken
