-- Debts, credits and unapplied entries together are what the ledger's entries posted by the as-of
-- date add up to: for each patient, and so in all. Not for each payer: within a charge one payer's
-- credit pays what those before it still owe.
with entries as (

    select
        patient_durable_key,
        sum(signed_amount) as balance
    from {{ ref('fct_ledger_entries') }}
    where posted_on <= as_of_date
    group by patient_durable_key

),

ageing as (

    select
        patient_durable_key,
        sum(open_amount) + sum(credit_amount) + sum(unapplied_amount) as balance
    from {{ ref('ar_ageing') }}
    group by patient_durable_key

),

compared as (

    select
        coalesce(entries.patient_durable_key, ageing.patient_durable_key) as patient_durable_key,
        coalesce(entries.balance, 0) as ledger_balance,
        coalesce(ageing.balance, 0) as ageing_balance
    from entries
    full outer join ageing
        on entries.patient_durable_key = ageing.patient_durable_key

)

select * from compared
where ledger_balance <> ageing_balance
