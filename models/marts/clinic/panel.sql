-- Longer than usual: the bands spelt out.
with patients as (

    select * from {{ ref('dim_patients') }}

),

encounters as (

    select * from {{ ref('fct_encounters') }}

),

appointments as (

    select * from {{ ref('fct_appointments') }}

),

as_of_dates as (

    select max(as_of_date) as as_of_date
    from (
        select as_of_date from encounters
        union all
        select as_of_date from appointments
    ) as facts

),

-- the newest visit is the first in its patient's row; among those whose physician is known likewise
visited as (

    select
        patient_durable_key,
        physician_durable_key,
        visit_date,
        row_number() over (
            partition by patient_durable_key
            order by
                case when physician_durable_key = {{ unknown_member() }} then 1 else 0 end,
                visit_date desc,
                coalesce(encounter_time, '') desc,
                encounter_key desc
        ) as place,
        max(visit_date) over (partition by patient_durable_key) as last_visit_date
    from encounters
    where
        outcome = 'completed'
        and visit_date <= as_of_date

),

aged as (

    select
        patients.insurance_plan_durable_key,
        coalesce(visited.physician_durable_key, 'none') as physician_durable_key,
        extract(year from as_of_dates.as_of_date) - patients.birth_year as age,
        {{ days_between('visited.last_visit_date', 'as_of_dates.as_of_date') }} as days_since,
        as_of_dates.as_of_date
    from patients
    cross join as_of_dates
    left join visited
        on patients.patient_durable_key = visited.patient_durable_key
        and visited.place = 1
    where
        patients.is_current
        and patients.is_active
        and patients.seen_to is null
        and patients.patient_durable_key <> {{ unknown_member() }}

),

-- a comparison with an unknown age or day is not true, and falls through to the last band
banded as (

    select
        insurance_plan_durable_key,
        physician_durable_key,
        case
            when age < 18 then '0-17'
            when age < 45 then '18-44'
            when age < 65 then '45-64'
            when age < 90 then '65-89'
            else '90+ or unknown'
        end as age_band,
        case
            when days_since < 365 then 'within a year'
            when days_since < 730 then 'one to two years ago'
            when days_since >= 730 then 'longer ago'
            else 'never'
        end as last_visit,
        as_of_date
    from aged

),

counted as (

    select
        -- keys
        {{ key_of([
            'physician_durable_key', 'insurance_plan_durable_key', 'age_band', 'last_visit',
        ]) }} as panel_key,
        physician_durable_key,
        insurance_plan_durable_key,

        -- attributes
        age_band,
        last_visit,

        -- amounts
        cast(count(*) as bigint) as patients,

        -- times
        as_of_date
    from banded
    group by
        physician_durable_key,
        insurance_plan_durable_key,
        age_band,
        last_visit,
        as_of_date

)

select * from counted
