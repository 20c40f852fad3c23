-- Longer than usual: each amount and each rate has its line.
with lines as (

    select * from {{ ref('int_collections_lined') }}

),

slices as (

    select 'all' as sliced_by
    union all
    select 'plan' as sliced_by
    union all
    select 'physician' as sliced_by

),

sliced as (

    select
        slices.sliced_by,
        case when slices.sliced_by = 'plan' then lines.insurance_plan_durable_key end
            as insurance_plan_durable_key,
        case when slices.sliced_by = 'physician' then lines.physician_durable_key end
            as physician_durable_key,
        lines.kind,
        lines.amount,
        lines.balance,
        lines.as_of_date,
        lines.window_start
    from lines
    cross join slices

),

summed as (

    select
        sliced_by,
        insurance_plan_durable_key,
        physician_durable_key,
        sum(case when kind = 'charge' then amount else 0 end) as charged,
        sum(case when kind = 'payment' then -amount else 0 end) as paid,
        sum(case when kind = 'refund' then amount else 0 end) as refunded,
        sum(case when kind = 'adjusted: contractual' then -amount else 0 end) as contractual,
        sum(case when kind = 'adjusted: bad_debt' then -amount else 0 end) as bad_debt,
        sum(case when kind = 'adjusted: charity' then -amount else 0 end) as charity,
        sum(case when kind like 'open%' then amount else 0 end) as owed,
        sum(case when kind like 'open over%' then amount else 0 end) as owed_over_90,
        sum(case when kind = 'open over a year' then amount else 0 end) as owed_over_year,
        sum(balance) as balance,
        as_of_date,
        window_start,
        {{ days_between('window_start', 'as_of_date') }} + 1 as window_days
    from sliced
    group by
        sliced_by,
        insurance_plan_durable_key,
        physician_durable_key,
        as_of_date,
        window_start

),

rated as (

    select
        -- keys
        {{ key_of(['sliced_by', 'insurance_plan_durable_key', 'physician_durable_key']) }}
            as slice_key,
        insurance_plan_durable_key,
        physician_durable_key,

        -- attributes
        sliced_by,

        -- amounts
        cast(charged as decimal(18, 2)) as charge_amount,
        cast(paid as decimal(18, 2)) as payment_amount,
        cast(refunded as decimal(18, 2)) as refund_amount,
        cast(contractual as decimal(18, 2)) as contractual_amount,
        cast(bad_debt as decimal(18, 2)) as bad_debt_amount,
        cast(charity as decimal(18, 2)) as charity_amount,
        cast(owed as decimal(18, 2)) as open_on_charges_amount,
        cast(owed_over_90 as decimal(18, 2)) as open_on_charges_over_90_amount,
        cast(owed_over_year as decimal(18, 2)) as open_on_charges_over_year_amount,
        cast(balance as decimal(18, 2)) as balance_amount,
        {{ ratio('(paid - refunded)', 'charged', 4) }} as gross_collection_rate,
        {{ ratio('(paid - refunded)', '(charged - contractual)', 4) }} as net_collection_rate,
        {{ ratio('bad_debt', 'charged', 4) }} as bad_debt_share,
        {{ ratio('charity', 'charged', 4) }} as charity_share,
        {{ ratio('owed * window_days', 'charged', 1) }} as days_in_ar,
        {{ ratio('balance * window_days', 'charged', 1) }} as days_in_net_ar,
        {{ ratio('owed * window_days * 12', '(charged * 365)', 2) }} as months_in_ar,
        {{ ratio('owed_over_90', 'owed', 4) }} as open_over_90_share,
        {{ ratio('owed_over_year', 'owed', 4) }} as open_over_year_share,

        -- times
        window_start,
        cast(window_days as bigint) as window_days,
        as_of_date
    from summed

)

select * from rated
