-- Longer than the budget: one short select for each finding.
with patients as (

    select * from {{ ref('input_patients') }}
    where seen_to is null

),

input_tables as (

    select * from {{ ref('input_tables') }}

),

appointments as (

    select * from {{ ref('input_appointments') }}

),

encounters as (

    select * from {{ ref('input_encounters') }}

),

linked as (

    select
        system_name,
        count(*) as encounters_linked
    from encounters
    where appointment_id is not null
    group by system_name, appointment_id

),

found as (

    select
        encounters.system_name,
        'encounters' as entity,
        'unknown_status' as finding,
        count(*) as rows_found
    from encounters
    where encounters.encounter_status = 'Other'
    group by encounters.system_name
    union all
    select
        encounters.system_name,
        'encounters' as entity,
        'no_date' as finding,
        count(*) as rows_found
    from encounters
    where encounters.encounter_date is null
    group by encounters.system_name
    union all
    select
        encounters.system_name,
        'encounters' as entity,
        'before_birth' as finding,
        count(*) as rows_found
    from encounters
    inner join patients
        on encounters.patient_id = patients.patient_id
        and encounters.encounter_date < patients.date_of_birth
    group by encounters.system_name
    union all
    select
        encounters.system_name,
        'encounters' as entity,
        'unknown_patient' as finding,
        count(*) as rows_found
    from encounters
    left join patients
        on encounters.patient_id = patients.patient_id
    where encounters.patient_id is not null
        and patients.patient_id is null
    group by encounters.system_name
    union all
    select
        encounters.system_name,
        'encounters' as entity,
        'unknown_appointment' as finding,
        count(*) as rows_found
    from encounters
    left join appointments
        on encounters.appointment_id = appointments.appointment_id
    where encounters.appointment_id is not null
        and appointments.appointment_id is null
    group by encounters.system_name
    union all
    select
        linked.system_name,
        'encounters' as entity,
        'appointment_of_another_encounter' as finding,
        cast(coalesce(sum(encounters_linked - 1), 0) as bigint) as rows_found
    from linked
    group by linked.system_name

),

named as (

    select
        input_tables.source_name,
        input_tables.table_name,
        found.finding,
        found.rows_found
    from found
    inner join input_tables
        on found.system_name = input_tables.system_name
        and found.entity = input_tables.entity
    where found.rows_found > 0

)

select * from named
