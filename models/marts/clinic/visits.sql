with encounters as (

    select * from {{ ref('fct_encounters') }}

),

insurance_plans as (

    select * from {{ ref('dim_insurance_plans') }}

),

-- how many completed visits the patient had in our books before this one began
ordered as (

    select
        *,
        coalesce(
            sum(case when outcome = 'completed' and visit_date is not null then 1 else 0 end) over (
                partition by patient_durable_key
                order by
                    coalesce(visit_date, date '9999-12-31'),
                    coalesce(encounter_time, '99:99'),
                    encounter_key
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as visits_before
    from encounters

),

told as (

    select
        {{ month_start('ordered.visit_date') }} as month_start,
        insurance_plans.insurance_plan_durable_key,
        ordered.outcome,
        ordered.encounter_status,
        case
            when
                ordered.patient_durable_key = {{ unknown_member() }}
                or ordered.visit_date is null
                then 'unknown'
            when ordered.visits_before = 0 then 'first'
            else 'follow-up'
        end as visit_kind,
        case when ordered.is_superseded then 1 else 0 end as superseded,
        ordered.as_of_date
    from ordered
    inner join insurance_plans
        on ordered.insurance_plan_key = insurance_plans.insurance_plan_key

),

counted as (

    select
        -- keys
        {{ key_of([
            'month_start',
            'insurance_plan_durable_key',
            'outcome',
            'encounter_status',
            'visit_kind',
        ]) }} as visits_key,
        month_start,
        insurance_plan_durable_key,

        -- attributes
        outcome,
        encounter_status,
        visit_kind,

        -- amounts
        cast(count(*) as bigint) as encounters,
        cast(sum(superseded) as bigint) as superseded_encounters,

        -- times
        max(as_of_date) as as_of_date
    from told
    group by month_start, insurance_plan_durable_key, outcome, encounter_status, visit_kind

)

select * from counted
