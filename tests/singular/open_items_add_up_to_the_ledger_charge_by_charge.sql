-- Setting credits against debts moves nothing in or out of a charge, and never leaves a charge with
-- a debt and a credit at once.
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
        charge_key,
        sum(open_amount) as open_amount,
        sum(credit_amount) as credit_amount
    from {{ ref('ar_open_items') }}
    group by charge_key

),

compared as (

    select
        entries.charge_key,
        entries.balance,
        coalesce(open_items.open_amount, 0) as open_amount,
        coalesce(open_items.credit_amount, 0) as credit_amount
    from entries
    left join open_items
        on entries.charge_key = open_items.charge_key

)

select * from compared
where
    balance <> open_amount + credit_amount
    or (open_amount <> 0 and credit_amount <> 0)
    or open_amount < 0
    or credit_amount > 0
