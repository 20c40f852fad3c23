{{ config(**engine_config(dist='patient_durable_key', sort=['visit_date'])) }}

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

-- a time alone has no date: such an encounter joins the version of the as-of date
met as (

    select
        *,
        coalesce(visit_date, as_of_date) as joined_on
    from visits
    where encounter_id is not null

),

joined as (

    select
        -- keys
        {{ key_of(['met.encounter_id']) }} as encounter_key,
        {{ key_or_null('met.appointment_id') }} as appointment_key,
        coalesce(employees.employee_key, {{ unknown_member() }}) as physician_key,
        {{ key_or_unknown('met.physician_id') }} as physician_durable_key,
        coalesce(patients.patient_key, {{ unknown_member() }}) as patient_key,
        {{ key_or_unknown('met.patient_pseudonym') }} as patient_durable_key,
        coalesce(insurance_plans.insurance_plan_key, {{ unknown_member() }}) as insurance_plan_key,
        met.system_name,
        met.encounter_id,

        -- attributes
        met.outcome,
        met.match_rule,
        met.encounter_status,
        met.place,
        not met.is_counted as is_superseded,

        -- times
        met.encounter_date,
        met.encounter_time,
        met.visit_date,
        met.as_of_date
    from met
    left join employees
        on met.physician_id = employees.employee_id
        and {{ valid_on('employees', 'met.joined_on') }}
    left join patients
        on met.patient_pseudonym = patients.patient_pseudonym
        and {{ valid_on('patients', 'met.joined_on') }}
    left join coverages
        on met.patient_pseudonym = coverages.patient_pseudonym
        and {{ valid_on('coverages', 'met.joined_on') }}
    left join insurance_plans
        on coalesce(coverages.insurance_plan_id, patients.insurance_plan_id)
        = insurance_plans.insurance_plan_id
        and {{ valid_on('insurance_plans', 'met.joined_on') }}

)

select * from joined
