-- Setting credits against debts moves nothing in or out of a charge, and never leaves a credit
-- beside a debt of a payer before it: who owed the charge first, a payer who is not named, other
-- plans, the patient.
with entries as (

    select
        charge_key,
        sum(signed_amount) as balance
    from {{ ref('fct_ledger_entries') }}
    where
        not is_future_dated
        and not is_unapplied
        and not has_no_charge
    group by charge_key

),

open_items as (

    select
        *,
        case
            when insurance_plan_durable_key = first_payer_durable_key then 1
            when payer_id = 'unknown' then 2
            when payer_id <> 'patient' then 3
            else 4
        end as place
    from {{ ref('ar_open_items') }}

),

summed as (

    select
        charge_key,
        sum(open_amount) as open_amount,
        sum(credit_amount) as credit_amount,
        min(case when open_amount > 0 then place end) as first_debt,
        max(case when credit_amount < 0 then place end) as last_credit
    from open_items
    group by charge_key

),

compared as (

    select
        entries.charge_key,
        entries.balance,
        coalesce(summed.open_amount, 0) as open_amount,
        coalesce(summed.credit_amount, 0) as credit_amount,
        coalesce(summed.first_debt < summed.last_credit, false) as has_credit_after_debt
    from entries
    left join summed
        on entries.charge_key = summed.charge_key

)

select * from compared
where
    balance <> open_amount + credit_amount
    or has_credit_after_debt
    or open_amount < 0
    or credit_amount > 0
