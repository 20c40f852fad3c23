-- Charges + refunds - payments - adjustments = balance, to the cent, counted from the amounts as
-- the ledger has them: per patient, per payer and in all. Transfers are added per payer, and must
-- be nothing in all unless half of a pair is in quarantine (transfers_net_to_zero_per_charge).
with entries as (

    select
        patient_durable_key,
        insurance_plan_durable_key,
        signed_amount,
        case
            when entry_type in ('charge', 'refund', 'transfer_in') then coalesce(amount, 0)
            when entry_type in ('payment', 'adjustment', 'transfer_out') then -coalesce(amount, 0)
            else 0
        end as counted_amount
    from {{ ref('fct_ledger_entries') }}
    where posted_on <= as_of_date

),

balances as (

    select
        'patient' as level,
        patient_durable_key as member_key,
        sum(counted_amount) as counted,
        sum(signed_amount) as signed
    from entries
    group by patient_durable_key
    union all
    select
        'payer' as level,
        insurance_plan_durable_key as member_key,
        sum(counted_amount) as counted,
        sum(signed_amount) as signed
    from entries
    group by insurance_plan_durable_key

),

-- the same sums as each mart shows them
shown as (

    select
        level,
        member_key,
        counted,
        signed as shown
    from balances
    union all
    select
        'ageing' as level,
        'all' as member_key,
        (select coalesce(sum(counted_amount), 0) from entries) as counted,
        (select coalesce(sum(balance_amount), 0) from {{ ref('ar_ageing') }}) as shown
    union all
    select
        'collections' as level,
        'all' as member_key,
        (select coalesce(sum(counted_amount), 0) from entries) as counted,
        (select coalesce(sum(balance_amount), 0) from {{ ref('collections_by_plan') }}) as shown
    union all
    select
        'charges and unapplied' as level,
        'all' as member_key,
        (select coalesce(sum(counted_amount), 0) from entries) as counted,
        (select coalesce(sum(balance_amount), 0) from {{ ref('fct_charges') }})
        + (select coalesce(sum(unapplied_amount), 0) from {{ ref('ar_ageing') }}) as shown

)

select * from shown
where counted <> shown
