-- Longer than the budget: one short select for each finding.
with patients as (

    select * from {{ ref('stg_clinic__patients') }}

),

appointments as (

    select * from {{ ref('stg_clinic__appointments') }}

),

encounters as (

    select * from {{ ref('stg_clinic__encounters') }}

),

statuses as (

    select distinct encounter_status from {{ ref('encounter_statuses') }}

),

linked as (

    select count(*) as encounters_linked from encounters
    where appointment_id is not null
    group by appointment_id

),

found as (

    select
        'encounter' as table_name,
        'unknown_status' as finding,
        count(*) as rows_found
    from encounters
    left join statuses
        on encounters.encounter_status = statuses.encounter_status
    where encounters.source_status is not null
        and statuses.encounter_status is null
    union all
    select
        'encounter' as table_name,
        'no_date' as finding,
        count(*) as rows_found
    from encounters
    where encounter_date is null
    union all
    select
        'encounter' as table_name,
        'before_birth' as finding,
        count(*) as rows_found
    from encounters
    inner join patients
        on encounters.patient_id = patients.patient_id
        and encounters.encounter_date < patients.date_of_birth
    union all
    select
        'encounter' as table_name,
        'unknown_patient' as finding,
        count(*) as rows_found
    from encounters
    left join patients
        on encounters.patient_id = patients.patient_id
    where encounters.patient_id is not null
        and patients.patient_id is null
    union all
    select
        'encounter' as table_name,
        'unknown_appointment' as finding,
        count(*) as rows_found
    from encounters
    left join appointments
        on encounters.appointment_id = appointments.appointment_id
    where encounters.appointment_id is not null
        and appointments.appointment_id is null
    union all
    select
        'encounter' as table_name,
        'appointment_of_another_encounter' as finding,
        cast(coalesce(sum(encounters_linked - 1), 0) as bigint) as rows_found
    from linked

),

named as (

    select
        'clinic' as source_name,
        table_name,
        finding,
        rows_found
    from found
    where rows_found > 0

)

select * from named
