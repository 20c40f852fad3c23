{{ config(**engine_config(sort=['cohort_month'])) }}

with opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

accounts as (

    select * from {{ ref('dim_crm_accounts') }}

),

placed as (

    select
        opportunities.*,
        coalesce(accounts.region, 'unknown') as region,
        {{ month_start('opportunities.created_on') }} as cohort_month,
        opportunities.is_closed and not opportunities.is_won as is_lost,
        {{ days_between('opportunities.created_on', 'opportunities.closed_on') }}
            as days_to_decision
    from opportunities
    left join accounts
        on opportunities.crm_account_key = accounts.crm_account_key

),

counted as (

    select
        cohort_month,
        region,
        max(as_of_date) as as_of_date,
        count(*) as opportunities,
        count(case when is_won then 1 end) as opportunities_won,
        count(case when is_lost then 1 end) as opportunities_lost,
        count(case when not is_closed then 1 end) as opportunities_open,
        coalesce(sum(amount), 0) as amount,
        coalesce(sum(case when is_won then amount end), 0) as won_amount,
        coalesce(sum(case when is_lost then amount end), 0) as lost_amount,
        coalesce(sum(case when is_closed then days_to_decision end), 0) as days_to_decision,
        count(case when is_closed then days_to_decision end) as decisions_with_days
    from placed
    group by cohort_month, region

),

rated as (

    select
        -- keys
        {{ key_of(['cohort_month', 'region']) }} as opportunity_cohort_key,

        -- attributes
        region,

        -- amounts
        opportunities,
        opportunities_won,
        opportunities_lost,
        opportunities_open,
        {{ ratio('opportunities_won', 'opportunities_won + opportunities_lost') }} as win_rate,
        cast(amount as decimal(24, 2)) as amount,
        cast(won_amount as decimal(24, 2)) as won_amount,
        cast(lost_amount as decimal(24, 2)) as lost_amount,
        {{ ratio('won_amount', 'won_amount + lost_amount') }} as win_rate_by_amount,
        cast(days_to_decision as bigint) as days_to_decision,
        {{ ratio('days_to_decision', 'decisions_with_days', 1) }} as average_days_to_decision,

        -- times
        cohort_month,
        as_of_date
    from counted

)

select * from rated
