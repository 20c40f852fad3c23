-- Longer than usual: the link to the appointment is the flow board's, else that of the day.
with visits as (

    select * from {{ ref('int_openemr_visits_levelled') }}
    where not is_deleted

),

trackers as (

    select * from {{ ref('stg_openemr__trackers') }}
    where encounter_number is not null and entry_id is not null

),

calendar as (

    select * from {{ ref('int_openemr_appointments_grouped') }}

),

facilities as (

    select * from {{ ref('stg_openemr__facilities') }}

),

-- the flow board leaves out series, which have no appointment; it still names deleted ones
linked as (

    select
        trackers.patient_pseudonym,
        trackers.encounter_number,
        max(coalesce(calendar.appointment_number, trackers.entry_id)) as appointment_number
    from trackers
    left join calendar
        on trackers.entry_id = calendar.entry_id
    where not coalesce(calendar.is_series, false)
    group by trackers.patient_pseudonym, trackers.encounter_number

),

tracked as (

    select
        visits.*,
        linked.appointment_number
    from visits
    left join linked
        on visits.patient_pseudonym = linked.patient_pseudonym
        and visits.encounter_number = linked.encounter_number

),

lone_visits as (

    select
        patient_pseudonym,
        service_date,
        min(visit_id) as visit_id
    from tracked
    where appointment_number is null
    group by patient_pseudonym, service_date
    having count(*) = 1

),

lone_appointments as (

    select
        calendar.patient_pseudonym,
        calendar.entry_date,
        min(calendar.appointment_number) as appointment_number
    from calendar
    left join linked
        on calendar.appointment_number = linked.appointment_number
    where not calendar.is_series
        and calendar.entry_id = calendar.appointment_number
        and linked.appointment_number is null
    group by calendar.patient_pseudonym, calendar.entry_date
    having count(*) = 1

),

of_the_day as (

    select
        lone_visits.visit_id,
        lone_appointments.appointment_number
    from lone_visits
    inner join lone_appointments
        on lone_visits.patient_pseudonym = lone_appointments.patient_pseudonym
        and lone_visits.service_date = lone_appointments.entry_date

),

mapped as (

    select
        -- keys
        'openemr' as system_name,
        tracked.encounter_id,
        {{ system_number('openemr', 'tracked.patient_id') }} as patient_id,
        tracked.patient_pseudonym,
        coalesce(
            {{ system_number('openemr', 'tracked.appointment_number') }},
            {{ system_number('openemr', 'of_the_day.appointment_number') }}
        ) as appointment_id,
        {{ system_number('openemr', 'tracked.physician_id') }} as physician_id,

        -- attributes: a visit that was opened took place, unless the book says otherwise
        case when tracked.service_date > tracked.extract_date then 'Scheduled' else 'Completed' end
            as encounter_status,
        facilities.facility_name as place,

        -- times
        tracked.service_date as encounter_date,
        nullif(substring({{ ts_text(business_time('tracked.visited_at')) }}, 12, 5), '00:00')
            as encounter_time,

        -- lineage
        tracked.extract_date,
        tracked.load_id
    from tracked
    left join of_the_day
        on tracked.visit_id = of_the_day.visit_id
    left join facilities
        on tracked.facility_id = facilities.facility_id

)

select * from mapped
