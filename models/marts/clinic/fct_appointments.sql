-- Longer than usual: an appointment meets its visit, patient, physician, plan and coverage.
{{ config(**engine_config(dist='patient_durable_key', sort=['appointment_date'])) }}

with visits as (

    select * from {{ ref('int_visits_resolved') }}

),

patients as (

    select * from {{ ref('int_patients_versioned') }}

),

employees as (

    select * from {{ ref('int_employees_versioned') }}

),

insurance_plans as (

    select * from {{ ref('int_insurance_plans_versioned') }}

),

coverages as (

    select * from {{ ref('int_coverages_versioned') }}

),

links as (

    select
        appointment_id,
        count(*) as encounters_linked
    from visits
    where match_rule = 'link'
    group by appointment_id

),

-- an older extract does not say whose the appointment is; the encounter that it matches does
booked as (

    select
        visits.*,
        coalesce(visits.booked_patient_pseudonym, visits.patient_pseudonym)
            as appointment_patient_pseudonym,
        coalesce(visits.appointment_date, visits.visit_date, visits.as_of_date) as joined_on
    from visits
    where
        visits.appointment_id is not null
        and visits.is_counted

),

-- its encounter may be on another day: an open appointment follows its own day
resolved as (

    select
        *,
        case
            when outcome = 'upcoming' and appointment_date < as_of_date then 'unresolved'
            when outcome = 'unresolved' and appointment_date >= as_of_date then 'upcoming'
            else outcome
        end as appointment_outcome
    from booked

),

joined as (

    select
        -- keys
        {{ key_of(['booked.appointment_id']) }} as appointment_key,
        {{ key_or_null('booked.encounter_id') }} as encounter_key,
        coalesce(employees.employee_key, {{ unknown_member() }}) as physician_key,
        {{ key_or_unknown('booked.physician_id') }} as physician_durable_key,
        coalesce(patients.patient_key, {{ unknown_member() }}) as patient_key,
        {{ key_or_unknown('booked.appointment_patient_pseudonym') }} as patient_durable_key,
        coalesce(insurance_plans.insurance_plan_key, {{ unknown_member() }}) as insurance_plan_key,
        booked.system_name,
        booked.appointment_id,

        -- attributes
        booked.appointment_outcome as outcome,
        coalesce(
            booked.appointment_date <= booked.as_of_date
            and booked.appointment_outcome <> 'upcoming',
            false
        ) as is_past,
        booked.match_rule,
        booked.encounter_status,
        booked.appointment_status,
        booked.scheduled_by,
        booked.place,
        booked.minutes,
        coalesce(links.encounters_linked, 0) as encounters_linked,

        -- times
        booked.appointment_date,
        booked.appointment_time,
        cast(substring(booked.appointment_time, 1, 2) as bigint) as appointment_hour,
        booked.booked_on,
        booked.as_of_date
    from resolved as booked
    left join links
        on booked.appointment_id = links.appointment_id
    left join employees
        on booked.physician_id = employees.employee_id
        and {{ valid_on('employees', 'booked.joined_on') }}
    left join patients
        on booked.appointment_patient_pseudonym = patients.patient_pseudonym
        and {{ valid_on('patients', 'booked.joined_on') }}
    left join coverages
        on booked.appointment_patient_pseudonym = coverages.patient_pseudonym
        and {{ valid_on('coverages', 'booked.joined_on') }}
    left join insurance_plans
        on coalesce(coverages.insurance_plan_id, patients.insurance_plan_id)
        = insurance_plans.insurance_plan_id
        and {{ valid_on('insurance_plans', 'booked.joined_on') }}

)

select * from joined
