-- longer than most: unapplied amounts are apart, as an entry waits until its charge is posted
with balances as (

    select * from {{ ref('int_charge_balances_settled') }}

),

entries as (

    select * from {{ ref('fct_ledger_entries') }}
    where not is_future_dated

),

dates as (

    select * from {{ ref('dim_dates') }}

),

charged as (

    select
        *,
        case
            when not is_unapplied and not has_no_charge
                then min(case when entry_type = 'charge' then posted_on end)
                        over (partition by charge_key)
        end as charged_on
    from entries

),

-- an entry stands alone until its charge is posted, or for good
waiting as (

    select
        payer_id,
        insurance_plan_durable_key,
        signed_amount,
        {{ calendar_month('posted_on') }} as first_month,
        coalesce({{ month_start('charged_on') }}, date '9999-12-31') as charged_month,
        as_of_date
    from charged

),

lines as (

    select
        payer_id,
        insurance_plan_durable_key,
        age_bucket,
        open_amount,
        case when days_old > 90 then open_amount else 0 end as open_over_90,
        credit_amount,
        0 as unapplied_amount,
        month_start,
        as_of_date
    from balances
    union all
    select
        waiting.payer_id,
        waiting.insurance_plan_durable_key,
        'unapplied' as age_bucket,
        0 as open_amount,
        0 as open_over_90,
        0 as credit_amount,
        waiting.signed_amount as unapplied_amount,
        dates.date_day as month_start,
        waiting.as_of_date
    from waiting
    inner join dates
        on waiting.first_month <= dates.date_day
        and waiting.charged_month > dates.date_day
        and waiting.as_of_date >= dates.date_day
    where
        dates.day_of_month = 1
        -- few wait: said of the entry alone, so that the others are not joined at all
        and waiting.first_month < waiting.charged_month

),

summed as (

    select
        -- keys
        {{ key_of(['month_start', 'payer_id', 'age_bucket']) }} as ar_by_month_key,
        month_start,
        insurance_plan_durable_key,

        -- attributes
        payer_id,
        age_bucket,
        cast(
            case age_bucket
                when '0-30' then 1
                when '31-60' then 2
                when '61-90' then 3
                when '91-120' then 4
                when '>120' then 5
                else 6
            end as bigint
        ) as bucket_number,
        count(*) as items,

        -- amounts
        cast(sum(open_amount) as decimal(18, 2)) as open_amount,
        cast(sum(open_over_90) as decimal(18, 2)) as open_over_90_amount,
        cast(sum(credit_amount) as decimal(18, 2)) as credit_amount,
        cast(sum(unapplied_amount) as decimal(18, 2)) as unapplied_amount,
        cast(sum(open_amount + credit_amount + unapplied_amount) as decimal(18, 2))
            as balance_amount,

        -- times
        least({{ month_end('month_start') }}, as_of_date) as measured_on,
        as_of_date
    from lines
    group by month_start, payer_id, insurance_plan_durable_key, age_bucket, as_of_date

)

select * from summed
