{{ config(**engine_config(dist='opportunity_key', sort=['created_on'])) }}

with opportunities as (

    select * from {{ ref('stg_salesforce__opportunities') }}

),

accounts as (

    select * from {{ ref('int_crm_accounts_versioned') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}
    where area = 'crm'

),

stages as (

    select
        opportunity_id,
        count(*) as stages_entered,
        max(case when is_last_stage then entered_on end) as stage_entered_on,
        min(case when stage_group = 'qualification' then entered_on end) as qualified_on,
        min(case when stage_group = 'proposal' then entered_on end) as proposed_on,
        min(case when stage_group = 'negotiation' then entered_on end) as negotiated_on,
        max(case when stage_group = 'closed' and is_last_stage then entered_on end) as closed_on,
        sum(case when stage_group = 'prospecting' then days_in_stage else 0 end)
            as days_prospecting,
        sum(case when stage_group = 'qualification' then days_in_stage else 0 end)
            as days_qualification,
        sum(case when stage_group = 'proposal' then days_in_stage else 0 end) as days_proposal,
        sum(case when stage_group = 'negotiation' then days_in_stage else 0 end)
            as days_negotiation,
        sum(case when stage_group in ('closed', 'other') then days_in_stage else 0 end)
            as days_other,
        sum(days_in_stage) as days_open
    from {{ ref('int_opportunity_stages_spelled') }}
    group by opportunity_id

),

dated as (

    select
        opportunities.*,
        {{ business_day('opportunities.created_at') }} as created_on,
        as_of_dates.as_of_date
    from opportunities
    cross join as_of_dates

),

joined as (

    select
        -- keys
        {{ key_of(['dated.opportunity_id']) }} as opportunity_key,
        coalesce(accounts.crm_account_key, {{ unknown_member() }}) as crm_account_key,
        {{ key_or_unknown('dated.crm_account_id') }} as crm_account_durable_key,
        dated.opportunity_id,
        dated.owner_id,

        -- attributes
        dated.opportunity_name,
        dated.stage_name,
        coalesce(dated.is_closed, false) as is_closed,
        coalesce(dated.is_won, false) as is_won,
        coalesce(stages.stages_entered, 0) as stages_entered,

        -- amounts
        dated.amount,
        dated.probability,
        cast(dated.amount * dated.probability * 0.01 as decimal(24, 6)) as expected_amount,
        cast(coalesce(stages.days_prospecting, 0) as bigint) as days_prospecting,
        cast(coalesce(stages.days_qualification, 0) as bigint) as days_qualification,
        cast(coalesce(stages.days_proposal, 0) as bigint) as days_proposal,
        cast(coalesce(stages.days_negotiation, 0) as bigint) as days_negotiation,
        cast(coalesce(stages.days_other, 0) as bigint) as days_other,
        cast(coalesce(stages.days_open, 0) as bigint) as days_open,

        -- times
        dated.created_on,
        stages.qualified_on,
        stages.proposed_on,
        stages.negotiated_on,
        stages.closed_on,
        stages.stage_entered_on,
        dated.close_date,
        dated.as_of_date
    from dated
    left join stages
        on dated.opportunity_id = stages.opportunity_id
    left join accounts
        on dated.crm_account_id = accounts.crm_account_id
        and {{ valid_on('accounts', 'dated.created_on') }}

)

select * from joined
