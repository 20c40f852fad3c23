with appointments as (

    select * from {{ ref('fct_appointments') }}

),

encounters as (

    select * from {{ ref('fct_encounters') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

first_visits as (

    select
        patient_durable_key,
        min(visit_date) as first_visit_date
    from encounters
    where outcome = 'completed'
    group by patient_durable_key

),

past as (

    select
        {{ month_start('appointments.appointment_date') }} as month_start,
        appointments.physician_durable_key,
        dates.day_of_week,
        dates.day_name,
        appointments.appointment_hour,
        case
            when appointments.patient_durable_key = {{ unknown_member() }} then 'unknown'
            when first_visits.first_visit_date < appointments.appointment_date then 'known'
            else 'new'
        end as patient_kind,
        case when appointments.outcome = 'completed' then 1 else 0 end as kept,
        case when appointments.outcome = 'no-show' then 1 else 0 end as missed,
        case when appointments.outcome in ('cancelled', 'late cancelled') then 1 else 0 end
            as cancelled,
        case when appointments.outcome = 'late cancelled' then 1 else 0 end as cancelled_late,
        case when appointments.outcome = 'left' then 1 else 0 end as went,
        case when appointments.outcome = 'unresolved' then 1 else 0 end as unresolved,
        appointments.as_of_date
    from appointments
    left join dates
        on appointments.appointment_date = dates.date_day
    left join first_visits
        on appointments.patient_durable_key = first_visits.patient_durable_key
    where appointments.is_past

),

counted as (

    select
        -- keys
        {{ key_of([
            'month_start', 'physician_durable_key', 'day_of_week', 'appointment_hour',
            'patient_kind',
        ]) }} as no_shows_key,
        month_start,
        physician_durable_key,

        -- attributes
        day_of_week,
        day_name,
        appointment_hour,
        patient_kind,

        -- amounts
        cast(count(*) as bigint) as booked_appointments,
        cast(sum(kept + missed) as bigint) as appointments,
        cast(sum(kept) as bigint) as kept_appointments,
        cast(sum(missed) as bigint) as no_show_appointments,
        cast(sum(cancelled) as bigint) as cancelled_appointments,
        cast(sum(cancelled_late) as bigint) as late_cancelled_appointments,
        cast(sum(went) as bigint) as left_appointments,
        cast(sum(unresolved) as bigint) as unresolved_appointments,

        -- times
        as_of_date
    from past
    group by
        month_start,
        physician_durable_key,
        day_of_week,
        day_name,
        appointment_hour,
        patient_kind,
        as_of_date

)

select * from counted
