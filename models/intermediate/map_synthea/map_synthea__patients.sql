with patients as (

    select * from {{ ref('stg_synthea__patients') }}

),

coverages as (

    select * from {{ ref('map_synthea__coverages') }}
    where coverage_position = 'primary'

),

-- the plan on the extract's day; coverages have the plans of earlier days
insured as (

    select
        patient_pseudonym,
        max(insurance_plan_id) as insurance_plan_id
    from coverages
    where starts_on <= extract_date
        and (ends_on >= extract_date or ends_on is null)
    group by patient_pseudonym

),

-- each run of Synthea is a population of its own: there is no history, and one version
mapped as (

    select
        -- keys
        'synthea' as system_name,
        {{ system_number('synthea', 'patients.patient_id') }} as patient_id,
        patients.patient_pseudonym,
        insured.insurance_plan_id,

        -- attributes
        patients.first_name,
        patients.last_name,
        patients.date_of_birth,
        patients.address,
        patients.zip_code,
        patients.died_on is null as is_active,

        -- times
        true as is_current,
        date '1900-01-01' as valid_from,
        patients.extract_date as seen_from
    from patients
    left join insured
        on patients.patient_pseudonym = insured.patient_pseudonym

)

select * from mapped
