-- longer than most: a statement opens with the balance that the one before closed with
{{ config(**engine_config(dist='patient_durable_key', sort=['statement_month'])) }}

with entries as (

    select * from {{ ref('fct_ledger_entries') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

posted as (

    select
        *,
        {{ calendar_month('posted_on') }} as posted_month,
        case
            when entry_type in ('transfer_in', 'transfer_out') then 'transfer'
            when entry_type = 'payment' and payer_id = 'patient' then 'own pay'
            else entry_type
        end as line,
        case when payer_id = 'patient' then signed_amount else 0 end as patient_signed_amount
    from entries
    where not is_future_dated

),

patients as (

    select
        patient_durable_key,
        as_of_date,
        min(posted_month) as first_month
    from posted
    group by patient_durable_key, as_of_date

),

-- every month from a patient's first entry on: a month without entries has a balance too
months as (

    select
        patients.patient_durable_key,
        patients.as_of_date,
        dates.date_day as statement_month
    from patients
    inner join dates
        on patients.first_month <= dates.date_day
        and patients.as_of_date >= dates.date_day
    where dates.day_of_month = 1

),

summed as (

    select
        months.patient_durable_key,
        months.statement_month,
        months.as_of_date,
        count(posted.ledger_entry_key) as entries,
        sum(case when posted.line = 'charge' then posted.signed_amount else 0 end) as charged,
        sum(case when posted.line = 'payment' then posted.signed_amount else 0 end) as plan_paid,
        sum(case when posted.line = 'own pay' then posted.signed_amount else 0 end) as self_paid,
        sum(case when posted.line = 'adjustment' then posted.signed_amount else 0 end) as adjusted,
        sum(case when posted.line = 'refund' then posted.signed_amount else 0 end) as refunded,
        sum(case when posted.line = 'transfer' then posted.signed_amount else 0 end) as moved,
        sum(coalesce(posted.signed_amount, 0)) as net,
        sum(coalesce(posted.patient_signed_amount, 0)) as patient_net
    from months
    left join posted
        on months.patient_durable_key = posted.patient_durable_key
        and months.statement_month = posted.posted_month
    group by months.patient_durable_key, months.statement_month, months.as_of_date

),

chained as (

    select
        *,
        sum(net) over (
            partition by patient_durable_key order by statement_month
            rows between unbounded preceding and current row
        ) as closing,
        sum(patient_net) over (
            partition by patient_durable_key order by statement_month
            rows between unbounded preceding and current row
        ) as patient_closing
    from summed

),

stated as (

    select
        -- keys
        {{ key_of(['patient_durable_key', 'statement_month']) }} as patient_statement_key,
        patient_durable_key,
        statement_month,
        entries,

        -- amounts
        cast(closing - net as decimal(18, 2)) as opening_balance_amount,
        cast(charged as decimal(18, 2)) as charge_amount,
        cast(plan_paid as decimal(18, 2)) as plan_payment_amount,
        cast(self_paid as decimal(18, 2)) as patient_payment_amount,
        cast(adjusted as decimal(18, 2)) as adjustment_amount,
        cast(refunded as decimal(18, 2)) as refund_amount,
        cast(moved as decimal(18, 2)) as transfer_amount,
        cast(closing as decimal(18, 2)) as closing_balance_amount,
        cast(patient_closing as decimal(18, 2)) as patient_share_amount,
        as_of_date
    from chained

)

select * from stated
