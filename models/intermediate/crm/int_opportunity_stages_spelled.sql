with changes as (

    select * from {{ ref('int_opportunity_changes_spelled') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}
    where area = 'crm'

),

-- a stay is left on the day on which its last change is followed by another
stayed as (

    select
        opportunity_id,
        stage_number,
        max(stage_name) as stage_name,
        max(stage_group) as stage_group,
        max(case when begins_stay then amount end) as entry_amount,
        max(case when ends_stay then amount end) as exit_amount,
        max(case when begins_stay then valid_from end) as entered_on,
        max(case when ends_stay then valid_to end) as left_on
    from changes
    group by opportunity_id, stage_number

),

dated as (

    select
        stayed.*,
        stayed.left_on is null as is_last_stage,
        as_of_dates.as_of_date
    from stayed
    cross join as_of_dates

),

-- a stage that decides has no waiting
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
