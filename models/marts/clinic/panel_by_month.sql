-- Longer than usual: who was listed, whose patient each was and who was new, month by month.
with patients as (

    select * from {{ ref('dim_patients') }}
    where patient_durable_key <> {{ unknown_member() }} and is_active

),

encounters as (

    select * from {{ ref('fct_encounters') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

-- not from the visits: a practice without any has a panel too
as_of_dates as (

    select as_of_date from {{ ref('int_as_of_dates') }}
    where area = 'clinic'

),

visits as (

    select
        *,
        {{ calendar_month('visit_date') }} as visit_month,
        coalesce(encounter_time, '') as visit_time
    from encounters
    where
        outcome = 'completed'
        and visit_date <= as_of_date
        and patient_durable_key <> {{ unknown_member() }}

),

-- the last visit of a month holds until the patient's next month with one
last_visits as (

    select
        patient_durable_key,
        visit_month,
        max(visit_date) as last_visit_date,
        lead(visit_month) over (partition by patient_durable_key order by visit_month) as next_month
    from visits
    group by patient_durable_key, visit_month

),

ranked as (

    select
        patient_durable_key,
        physician_durable_key,
        visit_month,
        row_number() over (
            partition by patient_durable_key, visit_month
            order by visit_date desc, visit_time desc, encounter_key desc
        ) as place
    from visits
    where physician_durable_key <> {{ unknown_member() }}

),

-- the same among the visits with a known physician: it decides whose patient it is
last_physicians as (

    select
        patient_durable_key,
        physician_durable_key,
        visit_month,
        lead(visit_month) over (partition by patient_durable_key order by visit_month) as next_month
    from ranked
    where place = 1

),

ordered as (

    select
        physician_durable_key,
        visit_month,
        row_number() over (
            partition by patient_durable_key order by visit_date, visit_time, encounter_key
        ) as place
    from visits

),

months as (

    select
        dates.date_day as month_start,
        least(dates.month_end, as_of_dates.as_of_date) as measured_on,
        as_of_dates.as_of_date
    from dates
    cross join as_of_dates
    where
        dates.day_of_month = 1
        and dates.date_day <= as_of_dates.as_of_date

),

lines as (

    select
        months.month_start,
        case
            when last_visits.patient_durable_key is null then 'none'
            else coalesce(last_physicians.physician_durable_key, {{ unknown_member() }})
        end as physician_durable_key,
        1 as listed,
        case
            when {{ days_between('last_visits.last_visit_date', 'months.measured_on') }} < 365
                then 1
            else 0
        end as seen,
        0 as newly_seen
    from months
    inner join patients
        on months.measured_on >= patients.seen_from
        and coalesce(patients.seen_to, date '9999-12-31') > months.measured_on
    left join last_visits
        on patients.patient_durable_key = last_visits.patient_durable_key
        and months.month_start >= last_visits.visit_month
        and coalesce(last_visits.next_month, date '9999-12-31') > months.month_start
    left join last_physicians
        on patients.patient_durable_key = last_physicians.patient_durable_key
        and months.month_start >= last_physicians.visit_month
        and coalesce(last_physicians.next_month, date '9999-12-31') > months.month_start
    union all
    select
        visit_month as month_start,
        physician_durable_key,
        0 as listed,
        0 as seen,
        1 as newly_seen
    from ordered
    where place = 1

),

first_lists as (

    select min(seen_from) as first_listed_on from patients

),

counted as (

    select
        lines.month_start,
        lines.physician_durable_key,
        sum(lines.listed) as listed,
        sum(lines.seen) as seen,
        sum(lines.newly_seen) as newly_seen
    from lines
    group by lines.month_start, lines.physician_durable_key

),

-- the number is unknown before the first extract, which has the first list
told as (

    select
        -- keys
        {{ key_of(['counted.month_start', 'counted.physician_durable_key']) }}
            as panel_by_month_key,
        counted.month_start,
        counted.physician_durable_key,

        -- amounts
        case
            when months.measured_on >= first_lists.first_listed_on
                then cast(counted.listed as bigint)
        end as patients,
        case
            when months.measured_on >= first_lists.first_listed_on
                then cast(counted.seen as bigint)
        end as patients_seen_in_a_year,
        cast(counted.newly_seen as bigint) as new_patients,

        -- times
        months.measured_on,
        months.as_of_date
    from counted
    cross join first_lists
    inner join months
        on counted.month_start = months.month_start

)

select * from told
