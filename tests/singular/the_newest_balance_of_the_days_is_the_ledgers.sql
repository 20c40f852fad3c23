-- The history of the ledger leads to the balance that the ledger has.
with ledger as (

    select sum(signed_amount) as balance_amount
    from {{ ref('fct_ledger_entries') }}
    where system_name = 'clinic' and not is_future_dated

),

days as (

    select sum(balance_amount) as balance_amount
    from {{ ref('ledger_days') }}
    where is_latest

)

select
    ledger.balance_amount,
    days.balance_amount as balance_of_days
from ledger
cross join days
where coalesce(ledger.balance_amount, 0) <> coalesce(days.balance_amount, 0)
