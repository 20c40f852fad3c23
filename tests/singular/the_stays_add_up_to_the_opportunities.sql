-- Each opportunity's days are those of its stays, the last stay is the stage it is in, and stays
-- follow one another without a gap.
with stages as (

    select
        *,
        lag(left_on) over (partition by opportunity_key order by stage_number) as left_before
    from {{ ref('fct_opportunity_stages') }}

),

summed as (

    select
        opportunity_key,
        sum(days_in_stage) as days_open,
        count(*) as stages_entered
    from stages
    group by opportunity_key

),

odd as (

    select opportunities.opportunity_key
    from {{ ref('fct_opportunities') }} as opportunities
    left join summed
        on opportunities.opportunity_key = summed.opportunity_key
    where
        opportunities.days_open <> coalesce(summed.days_open, 0)
        or opportunities.stages_entered <> coalesce(summed.stages_entered, 0)
    union all
    select opportunity_key
    from stages
    where
        (stage_number > 1 and (left_before is null or left_before <> entered_on))
        or days_in_stage < 0

)

select * from odd
