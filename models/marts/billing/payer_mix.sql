with entries as (

    select * from {{ ref('fct_ledger_entries') }}

),

encounters as (

    select * from {{ ref('fct_encounters') }}

),

insurance_plans as (

    select * from {{ ref('dim_insurance_plans') }}

),

-- charges and payments in the month of their posting, visits in the month of the visit
counted as (

    select
        {{ month_start('posted_on') }} as month_start,
        insurance_plan_durable_key,
        case when entry_type = 'charge' then signed_amount else 0 end as charged,
        case when entry_type = 'payment' then -signed_amount else 0 end as paid,
        0 as visit
    from entries
    where
        not is_future_dated
        and entry_type in ('charge', 'payment')
    union all
    select
        {{ month_start('encounters.visit_date') }} as month_start,
        insurance_plans.insurance_plan_durable_key,
        0 as charged,
        0 as paid,
        1 as visit
    from encounters
    inner join insurance_plans
        on encounters.insurance_plan_key = insurance_plans.insurance_plan_key
    where
        encounters.outcome = 'completed'
        and encounters.visit_date <= encounters.as_of_date

),

summed as (

    select
        month_start,
        insurance_plan_durable_key,
        sum(charged) as charged,
        sum(paid) as paid,
        sum(visit) as visits
    from counted
    group by month_start, insurance_plan_durable_key

),

totalled as (

    select
        *,
        sum(charged) over (partition by month_start) as all_charged,
        sum(paid) over (partition by month_start) as all_paid,
        sum(visits) over (partition by month_start) as all_visits
    from summed

),

named as (

    select
        -- keys
        {{ key_of(['totalled.month_start', 'totalled.insurance_plan_durable_key']) }}
            as payer_mix_key,
        totalled.month_start,
        totalled.insurance_plan_durable_key,

        -- attributes
        insurance_plans.plan_name,

        -- amounts
        cast(totalled.visits as bigint) as visits,
        cast(totalled.charged as decimal(18, 2)) as charge_amount,
        cast(totalled.paid as decimal(18, 2)) as payment_amount,
        {{ ratio('totalled.visits', 'totalled.all_visits', 4) }} as visit_share,
        {{ ratio('totalled.charged', 'totalled.all_charged', 4) }} as charge_share,
        {{ ratio('totalled.paid', 'totalled.all_paid', 4) }} as payment_share
    from totalled
    left join insurance_plans
        on totalled.insurance_plan_durable_key = insurance_plans.insurance_plan_durable_key
        and insurance_plans.is_current

)

select * from named
