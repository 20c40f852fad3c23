-- The running month says what the marts of the as-of date say, and all months are all there is.
with shown as (

    select
        'open of the running month' as what,
        (
            select coalesce(sum(open_amount), 0) from {{ ref('ar_by_month') }}
            where measured_on = as_of_date
        ) as shown,
        (select coalesce(sum(open_amount), 0) from {{ ref('ar_ageing') }}) as expected
    union all
    select
        'balance of the running month' as what,
        (
            select coalesce(sum(balance_amount), 0) from {{ ref('billing_months') }}
            where measured_on = as_of_date
        ) as shown,
        (select coalesce(sum(balance_amount), 0) from {{ ref('ar_ageing') }}) as expected
    union all
    select
        'items of the running month' as what,
        (
            select coalesce(sum(open_items + credit_items + unapplied_entries), 0)
            from {{ ref('billing_months') }}
            where measured_on = as_of_date
        ) as shown,
        (select coalesce(sum(items), 0) from {{ ref('ar_ageing') }}) as expected
    union all
    select
        'entries of all months' as what,
        (
            select coalesce(sum(charges + payments + refunds + adjustments), 0)
            from {{ ref('billing_months') }}
        ) as shown,
        (
            select coalesce(sum(case when entry_type like 'transfer%' then 0 else 1 end), 0)
            from {{ ref('fct_ledger_entries') }}
            where not is_future_dated
        ) as expected
    union all
    select
        'charges of all months' as what,
        (select coalesce(sum(charge_amount), 0) from {{ ref('billing_months') }}) as shown,
        (select coalesce(sum(charge_amount), 0) from {{ ref('collections_by_month') }}) as expected
    union all
    select
        'payments by physician' as what,
        (select coalesce(sum(payment_amount), 0) from {{ ref('physician_months') }}) as shown,
        (select coalesce(sum(payment_amount), 0) from {{ ref('payer_mix') }}) as expected
    union all
    select
        'visits by physician' as what,
        (select coalesce(sum(visits), 0) from {{ ref('physician_months') }}) as shown,
        (select coalesce(sum(visits), 0) from {{ ref('payer_mix') }}) as expected
    union all
    select
        'decided claims' as what,
        (select coalesce(sum(claims_decided), 0) from {{ ref('denials_by_month') }}) as shown,
        (
            select coalesce(sum(case when is_decided then 1 else 0 end), 0)
            from {{ ref('fct_claims') }}
        ) as expected

)

select * from shown
where shown <> expected
