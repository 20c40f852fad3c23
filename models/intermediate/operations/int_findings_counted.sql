with as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

patients as (

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

ledger_entries as (

    select * from {{ ref('stg_billing__ledger_entries') }}

),

charges as (

    select distinct charge_id from ledger_entries
    where entry_type = 'charge'

),

found as (

    select 'clinic' as source_name, 'encounter' as table_name, 'unknown_status' as finding, count(*) as rows_found
    from encounters
    left join statuses
        on encounters.encounter_status = statuses.encounter_status
    where statuses.encounter_status is null
        and encounters.source_status is not null
    union all
    select 'clinic', 'encounter', 'no_date', count(*)
    from encounters
    where encounter_date is null
    union all
    select 'clinic', 'encounter', 'before_birth', count(*)
    from encounters
    inner join patients
        on encounters.patient_id = patients.patient_id
        and encounters.encounter_date < patients.date_of_birth
    union all
    select 'clinic', 'encounter', 'unknown_patient', count(*)
    from encounters
    left join patients
        on encounters.patient_id = patients.patient_id
    where encounters.patient_id is not null
        and patients.patient_id is null
    union all
    select 'clinic', 'encounter', 'unknown_appointment', count(*)
    from encounters
    left join appointments
        on encounters.appointment_id = appointments.appointment_id
    where encounters.appointment_id is not null
        and appointments.appointment_id is null
    union all
    select 'clinic', 'encounter', 'appointment_of_another_encounter', cast(coalesce(sum(encounters_linked - 1), 0) as bigint)
    from (
        select count(*) as encounters_linked
        from encounters
        where appointment_id is not null
        group by appointment_id
    ) as linked
    union all
    select 'billing', 'ledger', 'unknown_charge', count(*)
    from ledger_entries
    left join charges
        on ledger_entries.charge_id = charges.charge_id
    where ledger_entries.charge_id is not null
        and charges.charge_id is null
    union all
    select 'billing', 'ledger', 'unapplied', count(*)
    from ledger_entries
    where charge_id is null
    union all
    select 'billing', 'ledger', 'amount_of_zero', count(*)
    from ledger_entries
    where amount = 0
    union all
    select 'billing', 'ledger', 'dated_in_the_future', count(*)
    from ledger_entries
    inner join as_of_dates
        on as_of_dates.area = 'billing'
        and ledger_entries.posted_on > as_of_dates.as_of_date

)

select * from found
where rows_found > 0
