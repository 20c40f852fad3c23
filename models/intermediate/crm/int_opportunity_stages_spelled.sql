with changes as (

    select * from {{ ref('stg_salesforce__opportunity_changes') }}

),

stages as (

    select * from {{ ref('opportunity_stages') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}
    where area = 'crm'

),

compared as (

    select
        opportunity_id,
        opportunity_change_id,
        coalesce(stage_name, 'unknown') as stage_name,
        amount,
        created_at,
        lag(coalesce(stage_name, 'unknown')) over (
            partition by opportunity_id order by created_at, opportunity_change_id
        ) as stage_before
    from changes

),

-- a change of amount or day alone begins no stage
entered as (

    select
        *,
        row_number() over (
            partition by opportunity_id order by created_at, opportunity_change_id
        ) as stage_number,
        lead(created_at) over (
            partition by opportunity_id order by created_at, opportunity_change_id
        ) as left_at
    from compared
    where
        stage_before is null
        or stage_before <> stage_name

),

dated as (

    select
        entered.opportunity_id,
        cast(entered.stage_number as bigint) as stage_number,
        entered.stage_name,
        coalesce(stages.stage_group, 'other') as stage_group,
        entered.left_at is null as is_last_stage,
        entered.amount,
        cast(entered.created_at as date) as entered_on,
        cast(entered.left_at as date) as left_on,
        as_of_dates.as_of_date
    from entered
    cross join as_of_dates
    left join stages
        on entered.stage_name = stages.stage_name

),

-- nobody waits in a stage in which it is decided
counted as (

    select
        *,
        case
            when stage_group = 'closed' and left_on is null then cast(0 as bigint)
            else cast({{ days_between('entered_on', 'coalesce(left_on, as_of_date)') }} as bigint)
        end as days_in_stage
    from dated

)

select * from counted
