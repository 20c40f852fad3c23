-- Longer than usual: one row has the columns of an encounter and of its appointment.
with appointments as (

    select * from {{ ref('input_appointments') }}

),

encounters as (

    select * from {{ ref('input_encounters') }}

),

matches as (

    select * from {{ ref('int_appointments_matched') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}
    where area = 'clinic'

),

met as (

    select
        encounters.system_name,
        encounters.encounter_id,
        matches.appointment_id,
        coalesce(matches.match_rule, 'none') as match_rule,
        coalesce(matches.is_counted, true) as is_counted,
        encounters.patient_pseudonym,
        encounters.physician_id,
        encounters.place,
        encounters.encounter_status,
        encounters.source_status,
        encounters.encounter_date,
        encounters.encounter_time
    from encounters
    left join matches
        on encounters.encounter_id = matches.encounter_id
    union all
    select
        appointments.system_name,
        cast(null as varchar) as encounter_id,
        appointments.appointment_id,
        'none' as match_rule,
        true as is_counted,
        cast(null as varchar) as patient_pseudonym,
        cast(null as varchar) as physician_id,
        cast(null as varchar) as place,
        cast(null as varchar) as encounter_status,
        cast(null as varchar) as source_status,
        cast(null as date) as encounter_date,
        cast(null as varchar) as encounter_time
    from appointments
    left join matches
        on appointments.appointment_id = matches.appointment_id
    where matches.appointment_id is null

),

dated as (

    select
        met.system_name,
        met.encounter_id,
        met.appointment_id,
        met.match_rule,
        met.is_counted,
        met.patient_pseudonym,
        met.encounter_status,
        met.source_status,
        met.encounter_date,
        met.encounter_time,
        -- the physician who saw the patient, else the one who was booked
        coalesce(met.physician_id, appointments.physician_id) as physician_id,
        coalesce(met.place, appointments.place) as place,
        appointments.patient_pseudonym as booked_patient_pseudonym,
        appointments.appointment_status,
        appointments.appointment_date,
        appointments.appointment_time,
        appointments.scheduled_by,
        appointments.minutes,
        appointments.booked_on,
        as_of_dates.as_of_date,
        coalesce(met.encounter_date, appointments.appointment_date) as visit_date
    from met
    cross join as_of_dates
    left join appointments
        on met.appointment_id = appointments.appointment_id

),

-- the only rule for how a visit ended: the book's status, else the encounter's, else the day
resolved as (

    select
        *,
        case
            when appointment_status not in ('booked', 'arrived') then appointment_status
            when encounter_status = 'Completed' then 'completed'
            when encounter_status = 'Cancelled' then 'cancelled'
            when encounter_status = 'No Show' then 'no-show'
            when visit_date >= as_of_date then 'upcoming'
            when appointment_status = 'arrived' and visit_date < as_of_date then 'completed'
            when encounter_status = 'Checked In' and visit_date < as_of_date then 'completed'
            else 'unresolved'
        end as outcome
    from dated

)

select * from resolved
