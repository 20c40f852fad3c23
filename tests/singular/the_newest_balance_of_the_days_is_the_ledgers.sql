-- The history of the practice's ledger leads to the balance that the ledger has.
with ledgers as (

    select
        system_name,
        sum(signed_amount) as balance_amount
    from {{ ref('fct_ledger_entries') }}
    where system_name = 'clinic' and not is_future_dated
    group by system_name

),

days as (

    select * from {{ ref('ledger_days') }}
    where is_latest

)

select
    ledgers.balance_amount,
    days.balance_amount as balance_of_days
from ledgers
full outer join days
    on ledgers.system_name = days.system_name
where coalesce(ledgers.balance_amount, 0) <> coalesce(days.balance_amount, 0)
