with patients as (

    {{ versions_of(ref('snap_openemr__patients'), 'patient_id') }}

),

coverages as (

    select * from {{ ref('int_openemr_coverages_dated') }}
    where payer_level = 1

),

-- the plan on the extract's day; coverages have the plans of earlier days
insured as (

    select
        patient_pseudonym,
        max(insurance_company_id) as insurance_company_id
    from coverages
    where covers_from <= extract_date
        and (covers_to >= extract_date or covers_to is null)
    group by patient_pseudonym

),

mapped as (

    select
        -- keys
        'openemr' as system_name,
        {{ system_number('openemr', 'patients.patient_id') }} as patient_id,
        patients.patient_pseudonym,
        {{ system_number('openemr', 'insured.insurance_company_id') }} as insurance_plan_id,

        -- attributes
        patients.first_name,
        patients.last_name,
        patients.email,
        patients.date_of_birth,
        patients.address,
        patients.zip_code,
        patients.died_at is null as is_active,

        -- times
        patients.is_current,
        patients.valid_from,
        patients.valid_to,
        patients.seen_from,
        patients.seen_to
    from patients
    left join insured
        on patients.patient_pseudonym = insured.patient_pseudonym

)

select * from mapped
