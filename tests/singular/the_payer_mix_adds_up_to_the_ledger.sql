-- Every charge and payment posted by the as-of date has its place in the payer mix.
with entries as (

    select
        sum(case when entry_type = 'charge' then signed_amount else 0 end) as charged,
        sum(case when entry_type = 'payment' then -signed_amount else 0 end) as paid
    from {{ ref('fct_ledger_entries') }}
    where not is_future_dated

),

mix as (

    select
        sum(charge_amount) as charged,
        sum(payment_amount) as paid
    from {{ ref('payer_mix') }}

),

compared as (

    select
        coalesce(entries.charged, 0) - coalesce(mix.charged, 0) as charges_lost,
        coalesce(entries.paid, 0) - coalesce(mix.paid, 0) as payments_lost
    from entries
    cross join mix

)

select * from compared
where
    charges_lost <> 0
    or payments_lost <> 0
