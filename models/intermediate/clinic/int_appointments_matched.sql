-- Longer than usual: the two rules belong together, as the second takes what the first leaves.
with appointments as (

    select * from {{ ref('input_appointments') }}

),

encounters as (

    select * from {{ ref('input_encounters') }}

),

linked as (

    select
        appointments.appointment_id,
        encounters.encounter_id,
        row_number() over (
            partition by appointments.appointment_id
            order by
                coalesce(encounters.encounter_date, appointments.appointment_date) desc nulls last,
                encounters.encounter_time desc nulls last,
                encounters.encounter_id desc
        ) as place
    from encounters
    inner join appointments
        on encounters.appointment_id = appointments.appointment_id

),

-- one row per start that exactly one unlinked appointment has
lone_appointments as (

    select
        appointments.system_name,
        appointments.appointment_date,
        appointments.appointment_time,
        min(appointments.appointment_id) as appointment_id,
        min(appointments.patient_pseudonym) as patient_pseudonym
    from appointments
    left join linked
        on appointments.appointment_id = linked.appointment_id
    where linked.appointment_id is null
    group by
        appointments.system_name,
        appointments.appointment_date,
        appointments.appointment_time
    having count(*) = 1

),

-- a link to an appointment that is not in the book still counts as a link
lone_encounters as (

    select
        system_name,
        encounter_date,
        encounter_time,
        min(encounter_id) as encounter_id,
        min(patient_pseudonym) as patient_pseudonym
    from encounters
    where appointment_id is null
    group by system_name, encounter_date, encounter_time
    having count(*) = 1

),

-- a start without date or time matches nothing; if both name a patient it must be the same
started_together as (

    select
        lone_appointments.appointment_id,
        lone_encounters.encounter_id
    from lone_appointments
    inner join lone_encounters
        on lone_appointments.system_name = lone_encounters.system_name
        and lone_appointments.appointment_date = lone_encounters.encounter_date
        and lone_appointments.appointment_time = lone_encounters.encounter_time
    where coalesce(lone_appointments.patient_pseudonym, lone_encounters.patient_pseudonym, '')
        = coalesce(lone_encounters.patient_pseudonym, lone_appointments.patient_pseudonym, '')

),

matched as (

    select
        appointment_id,
        encounter_id,
        'link' as match_rule,
        place = 1 as is_counted
    from linked
    union all
    select
        appointment_id,
        encounter_id,
        'start' as match_rule,
        true as is_counted
    from started_together

)

select * from matched
