-- Every encounter is in one row of visits, every patient has one completed first visit, and the
-- months that are over show as many visits as billing's page does.
with visits as (

    select * from {{ ref('visits') }}

),

encounters as (

    select * from {{ ref('fct_encounters') }}

),

compared as (

    select
        'encounters' as what,
        (select coalesce(sum(encounters), 0) from visits) as counted,
        (select count(*) from encounters) as expected
    union all
    select
        'first visits' as what,
        (
            select coalesce(sum(encounters), 0)
            from visits
            where outcome = 'completed' and visit_kind = 'first'
        ) as counted,
        (
            select count(distinct patient_durable_key)
            from encounters
            where
                outcome = 'completed'
                and visit_date is not null
                and patient_durable_key <> {{ unknown_member() }}
        ) as expected

),

months as (

    select
        month_start,
        insurance_plan_durable_key,
        sum(encounters) as visits
    from visits
    where
        outcome = 'completed'
        and month_start < {{ month_start('as_of_date') }}
    group by month_start, insurance_plan_durable_key

),

odd as (

    select what
    from compared
    where counted <> expected
    union all
    select 'payer mix' as what
    from months
    left join {{ ref('payer_mix') }} as payer_mix
        on months.month_start = payer_mix.month_start
        and months.insurance_plan_durable_key = payer_mix.insurance_plan_durable_key
    where
        payer_mix.visits is null
        or payer_mix.visits <> months.visits

)

select * from odd
