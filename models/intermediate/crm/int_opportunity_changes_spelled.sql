with changes as (

    select * from {{ ref('stg_salesforce__opportunity_changes') }}

),

stages as (

    select * from {{ ref('opportunity_stages') }}

),

ordered as (

    select
        opportunity_id,
        opportunity_change_id,
        coalesce(stage_name, 'unknown') as stage_name,
        amount,
        probability,
        close_date,
        created_at as changed_at,
        {{ business_day('created_at') }} as changed_on,
        row_number() over (
            partition by opportunity_id order by created_at, opportunity_change_id
        ) as change_number,
        lag(coalesce(stage_name, 'unknown')) over (
            partition by opportunity_id order by created_at, opportunity_change_id
        ) as stage_before,
        lead(coalesce(stage_name, 'unknown')) over (
            partition by opportunity_id order by created_at, opportunity_change_id
        ) as stage_after,
        {{ business_day(
            "lead(created_at) over ("
            ~ "partition by opportunity_id order by created_at, opportunity_change_id)"
        ) }} as changed_again_on
    from changes

),

-- a change of amount, probability or day alone belongs to the stay in its stage
placed as (

    select
        *,
        change_number = 1 or stage_before <> stage_name as begins_stay,
        stage_after is null or stage_after <> stage_name as ends_stay,
        sum(case when change_number = 1 or stage_before <> stage_name then 1 else 0 end) over (
            partition by opportunity_id order by change_number
            rows between unbounded preceding and current row
        ) as stage_number
    from ordered

),

spelled as (

    select
        -- keys
        placed.opportunity_id,
        placed.opportunity_change_id,
        cast(placed.change_number as bigint) as change_number,
        cast(placed.stage_number as bigint) as stage_number,

        -- attributes
        placed.stage_name,
        coalesce(stages.stage_group, 'other') as stage_group,
        placed.begins_stay,
        placed.ends_stay,

        -- amounts
        placed.amount,
        placed.probability,
        cast(placed.amount * placed.probability * 0.01 as decimal(24, 6)) as expected_amount,

        -- times
        placed.close_date,
        placed.changed_at,
        placed.changed_on as valid_from,
        placed.changed_again_on as valid_to
    from placed
    left join stages
        on placed.stage_name = stages.stage_name

)

select * from spelled
