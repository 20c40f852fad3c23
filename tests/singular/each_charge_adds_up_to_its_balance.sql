-- Charged and given back, less paid and adjusted, is what is owed: to the cent, on every charge, in
-- the charge's own columns and against the ledger's unsigned amounts, of which an empty one is 0;
-- and no charge is missing.
with charges as (

    select * from {{ ref('fct_charges') }}

),

entries as (

    select
        charge_key,
        sum(case when entry_type in ('charge', 'refund') then coalesce(amount, 0) else 0 end)
        - sum(case when entry_type in ('payment', 'adjustment') then coalesce(amount, 0) else 0 end)
        + sum(case when entry_type = 'transfer_in' then coalesce(amount, 0) else 0 end)
        - sum(case when entry_type = 'transfer_out' then coalesce(amount, 0) else 0 end) as balance
    from {{ ref('fct_ledger_entries') }}
    where
        not is_future_dated
        and charge_service_date is not null
    group by charge_key

),

compared as (

    select
        coalesce(charges.charge_key, entries.charge_key) as charge_key,
        charges.balance_amount,
        entries.balance,
        charges.charge_amount + charges.refund_amount + charges.transfer_amount
        - charges.plan_payment_amount - charges.patient_payment_amount - charges.adjustment_amount
            as balance_of_columns
    from charges
    full outer join entries
        on charges.charge_key = entries.charge_key

)

select * from compared
where
    coalesce(balance_amount <> balance_of_columns, true)
    or coalesce(balance_amount <> balance, true)
