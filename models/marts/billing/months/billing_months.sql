-- Longer than usual: a month's own money and the year's that ends with it, each figure once.
with entries as (

    select * from {{ ref('fct_ledger_entries') }}
    where not is_future_dated

),

receivables as (

    select * from {{ ref('ar_by_month') }}

),

balances as (

    select * from {{ ref('int_charge_balances_settled') }}

),

months as (

    select * from {{ ref('int_months_windowed') }}

),

posted as (

    select
        posted_on,
        {{ calendar_month('posted_on') }} as posted_month,
        sum(case when entry_type = 'charge' then 1 else 0 end) as charges,
        sum(case when entry_type = 'payment' then 1 else 0 end) as payments,
        sum(case when entry_type = 'refund' then 1 else 0 end) as refunds,
        sum(case when entry_type = 'adjustment' then 1 else 0 end) as adjustments,
        sum(case when entry_type = 'charge' then signed_amount else 0 end) as charged,
        sum(case when entry_type = 'payment' then -signed_amount else 0 end) as paid,
        sum(case when entry_type = 'refund' then signed_amount else 0 end) as refunded,
        sum(case when entry_type = 'adjustment' then -signed_amount else 0 end) as adjusted,
        sum(
            case
                when entry_type = 'adjustment' and adjustment_code = 'contractual'
                    then -signed_amount
                else 0
            end
        ) as contractual
    from entries
    group by posted_on

),

told as (

    select
        months.*,
        posted.posted_month = months.month_start as is_of_month,
        posted.posted_on >= months.window_start as is_of_year,
        posted.charges,
        posted.payments,
        posted.refunds,
        posted.adjustments,
        posted.charged,
        posted.paid,
        posted.refunded,
        posted.adjusted,
        posted.contractual
    from months
    inner join posted
        on months.measured_on >= posted.posted_on

),

summed as (

    select
        month_start,
        measured_on,
        window_start,
        as_of_date,
        {{ days_between('window_start', 'measured_on') }} + 1 as window_days,
        sum(case when is_of_month then charges else 0 end) as charges,
        sum(case when is_of_month then payments else 0 end) as payments,
        sum(case when is_of_month then refunds else 0 end) as refunds,
        sum(case when is_of_month then adjustments else 0 end) as adjustments,
        sum(case when is_of_month then charged else 0 end) as charged,
        sum(case when is_of_month then paid else 0 end) as paid,
        sum(case when is_of_month then refunded else 0 end) as refunded,
        sum(case when is_of_month then adjusted else 0 end) as adjusted,
        sum(case when is_of_month then contractual else 0 end) as contractual,
        sum(case when is_of_year then charges else 0 end) as year_charges,
        sum(case when is_of_year then payments + refunds else 0 end) as year_collected_entries,
        sum(case when is_of_year then charged else 0 end) as year_charged,
        sum(case when is_of_year then paid - refunded else 0 end) as year_collected,
        sum(case when is_of_year then contractual else 0 end) as year_contractual
    from told
    group by month_start, measured_on, window_start, as_of_date

),

owing as (

    select
        month_start,
        sum(open_amount) as owed,
        sum(open_over_90_amount) as owed_over_90,
        sum(credit_amount) as credited,
        sum(unapplied_amount) as unapplied,
        sum(balance_amount) as balance,
        sum(case when age_bucket = 'unapplied' then items else 0 end) as unapplied_entries
    from receivables
    group by month_start

),

standing as (

    select
        month_start,
        sum(case when days_old > 365 then open_amount else 0 end) as owed_over_year,
        sum(case when open_amount > 0 then 1 else 0 end) as open_items,
        sum(case when open_amount > 0 and days_old > 90 then 1 else 0 end) as open_over_90_items,
        sum(case when credit_amount < 0 then 1 else 0 end) as credit_items
    from balances
    group by month_start

),

joined as (

    select
        summed.*,
        coalesce(owing.owed, 0) as owed,
        coalesce(owing.owed_over_90, 0) as owed_over_90,
        coalesce(standing.owed_over_year, 0) as owed_over_year,
        coalesce(standing.open_items, 0) as open_items,
        coalesce(standing.open_over_90_items, 0) as open_over_90_items,
        coalesce(standing.credit_items, 0) as credit_items,
        coalesce(owing.unapplied_entries, 0) as unapplied_entries,
        coalesce(owing.credited, 0) as credited,
        coalesce(owing.unapplied, 0) as unapplied,
        coalesce(owing.balance, 0) as balance
    from summed
    left join owing
        on summed.month_start = owing.month_start
    left join standing
        on summed.month_start = standing.month_start

),

rated as (

    select
        -- keys
        month_start,

        -- amounts
        cast(charges as bigint) as charges,
        cast(payments as bigint) as payments,
        cast(refunds as bigint) as refunds,
        cast(adjustments as bigint) as adjustments,
        cast(year_charges as bigint) as year_charges,
        cast(year_collected_entries as bigint) as year_collected_entries,
        cast(open_items as bigint) as open_items,
        cast(open_over_90_items as bigint) as open_over_90_items,
        cast(credit_items as bigint) as credit_items,
        cast(unapplied_entries as bigint) as unapplied_entries,
        cast(charged as decimal(18, 2)) as charge_amount,
        cast(paid as decimal(18, 2)) as payment_amount,
        cast(refunded as decimal(18, 2)) as refund_amount,
        cast(adjusted as decimal(18, 2)) as adjustment_amount,
        cast(contractual as decimal(18, 2)) as contractual_amount,
        cast(year_charged as decimal(18, 2)) as year_charge_amount,
        cast(year_collected as decimal(18, 2)) as year_collected_amount,
        cast(year_contractual as decimal(18, 2)) as year_contractual_amount,
        cast(owed as decimal(18, 2)) as open_amount,
        cast(owed_over_90 as decimal(18, 2)) as open_over_90_amount,
        cast(credited as decimal(18, 2)) as credit_amount,
        cast(unapplied as decimal(18, 2)) as unapplied_amount,
        cast(balance as decimal(18, 2)) as balance_amount,
        {{ ratio('year_collected', 'year_charged', 4) }} as gross_collection_rate,
        {{ ratio('year_collected', '(year_charged - year_contractual)', 4) }}
            as net_collection_rate,
        {{ ratio('owed * window_days', 'year_charged', 1) }} as days_in_ar,
        {{ ratio('balance * window_days', 'year_charged', 1) }} as days_in_net_ar,
        {{ ratio('owed_over_90', 'owed', 4) }} as open_over_90_share,
        {{ ratio('owed_over_year', 'owed', 4) }} as open_over_year_share,

        -- times
        window_start,
        cast(window_days as bigint) as window_days,
        measured_on,
        as_of_date
    from joined

)

select * from rated
