{{ config(severity='warn') }}

-- The stockroom's newest balances are what its movements add up to. Both are the source's own
-- words, so a difference is shown (operations.data_findings) and stops nothing; a movement in
-- quarantine makes one.
select
    stock_balance_key,
    quantity,
    moved_quantity
from {{ ref('fct_stock_balances') }}
where is_latest
    and quantity <> moved_quantity
