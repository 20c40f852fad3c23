{{ config(**engine_config(sort=['cohort_month'])) }}

with opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

stages as (

    select * from {{ ref('fct_opportunity_stages') }}

),

accounts as (

    select * from {{ ref('dim_crm_accounts') }}

),

-- the stages on the way to a deal; a stage that the seed lacks is left out
ranked as (

    select
        opportunity_key,
        stage_group,
        case stage_group
            when 'prospecting' then 1
            when 'qualification' then 2
            when 'proposal' then 3
            when 'negotiation' then 4
        end as stage_order
    from stages

),

entered as (

    select
        opportunity_key,
        stage_group,
        stage_order,
        max(max(stage_order)) over (partition by opportunity_key) as furthest_order
    from ranked
    where stage_order is not null
    group by opportunity_key, stage_group, stage_order

),

judged as (

    select
        entered.stage_group,
        entered.stage_order,
        coalesce(accounts.region, 'unknown') as region,
        {{ month_start('opportunities.created_on') }} as cohort_month,
        opportunities.as_of_date,
        opportunities.is_won or entered.furthest_order > entered.stage_order as has_gone_on,
        opportunities.is_closed
    from entered
    inner join opportunities
        on entered.opportunity_key = opportunities.opportunity_key
    left join accounts
        on opportunities.crm_account_key = accounts.crm_account_key

),

counted as (

    select
        cohort_month,
        region,
        stage_group,
        stage_order,
        max(as_of_date) as as_of_date,
        count(*) as opportunities,
        count(case when has_gone_on then 1 end) as opportunities_advanced,
        count(case when not has_gone_on and is_closed then 1 end) as opportunities_lost_here,
        count(case when not has_gone_on and not is_closed then 1 end) as opportunities_waiting
    from judged
    group by cohort_month, region, stage_group, stage_order

),

rated as (

    select
        -- keys
        {{ key_of(['cohort_month', 'region', 'stage_group']) }} as stage_conversion_key,

        -- attributes
        region,
        stage_group,
        cast(stage_order as bigint) as stage_order,

        -- amounts
        opportunities,
        opportunities_advanced,
        opportunities_lost_here,
        opportunities_waiting,
        {{ ratio('opportunities_advanced', 'opportunities') }} as conversion_rate,

        -- times
        cohort_month,
        as_of_date
    from counted

)

select * from rated
