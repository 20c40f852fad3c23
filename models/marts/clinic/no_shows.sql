-- Longer than usual: five ways to cut the same appointments, spelt out so that they add up.
with appointments as (

    select * from {{ ref('fct_appointments') }}

),

encounters as (

    select * from {{ ref('fct_encounters') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

slices as (

    select 'all' as sliced_by
    union all
    select 'physician' as sliced_by
    union all
    select 'weekday' as sliced_by
    union all
    select 'hour' as sliced_by
    union all
    select 'patient' as sliced_by

),

first_visits as (

    select
        patient_durable_key,
        min(visit_date) as first_visit_date
    from encounters
    where outcome = 'completed'
    group by patient_durable_key

),

-- the as-of day itself is not past
past as (

    select
        appointments.physician_durable_key,
        dates.day_name,
        dates.day_of_week,
        substring(appointments.appointment_time, 1, 2) as hour_text,
        appointments.appointment_hour,
        case
            when appointments.patient_durable_key = {{ unknown_member() }} then 'unknown'
            when first_visits.first_visit_date < appointments.appointment_date then 'known'
            else 'new'
        end as patient_kind,
        case when appointments.outcome = 'completed' then 1 else 0 end as kept,
        case when appointments.outcome = 'no-show' then 1 else 0 end as missed,
        case when appointments.outcome = 'unresolved' then 1 else 0 end as unresolved,
        appointments.as_of_date
    from appointments
    left join dates
        on appointments.appointment_date = dates.date_day
    left join first_visits
        on appointments.patient_durable_key = first_visits.patient_durable_key
    where
        appointments.appointment_date < appointments.as_of_date
        and appointments.outcome in ('completed', 'no-show', 'unresolved')

),

sliced as (

    select
        slices.sliced_by,
        case slices.sliced_by
            when 'all' then 'all'
            when 'physician' then past.physician_durable_key
            when 'weekday' then coalesce(past.day_name, 'unknown')
            when 'hour' then coalesce(past.hour_text, 'unknown')
            else past.patient_kind
        end as slice,
        case slices.sliced_by
            when 'weekday' then past.day_of_week
            when 'hour' then past.appointment_hour
        end as slice_order,
        past.kept,
        past.missed,
        past.unresolved,
        past.as_of_date
    from past
    cross join slices

),

summed as (

    select
        sliced_by,
        slice,
        max(slice_order) as slice_order,
        sum(kept) as kept,
        sum(missed) as missed,
        sum(kept + missed) as resolved,
        sum(unresolved) as unresolved,
        sum(kept + missed + unresolved) as all_past,
        max(as_of_date) as as_of_date
    from sliced
    group by sliced_by, slice

),

rated as (

    select
        -- keys
        {{ key_of(['sliced_by', 'slice']) }} as no_shows_key,

        -- attributes
        sliced_by,
        slice,
        cast(slice_order as bigint) as slice_order,

        -- amounts
        cast(resolved as bigint) as appointments,
        cast(kept as bigint) as kept_appointments,
        cast(missed as bigint) as no_show_appointments,
        cast(unresolved as bigint) as unresolved_appointments,
        case when resolved >= 11 then {{ ratio('missed', 'resolved', 4) }} end as no_show_rate,
        case when all_past >= 11 then {{ ratio('unresolved', 'all_past', 4) }} end
            as unresolved_share,

        -- times
        as_of_date
    from summed

)

select * from rated
