with coverages as (

    select * from {{ ref('int_openemr_coverages_dated') }}

),

-- a coverage without a company ends the one before it and is left out
mapped as (

    select
        -- keys
        'openemr' as system_name,
        {{ system_number('openemr', 'coverage_id') }} as coverage_id,
        {{ system_number('openemr', 'patient_id') }} as patient_id,
        patient_pseudonym,
        {{ system_number('openemr', 'insurance_company_id') }} as insurance_plan_id,

        -- attributes
        coverage_position,

        -- times
        starts_on,
        covers_to as ends_on,

        -- lineage
        extract_date,
        load_id
    from coverages
    where insurance_company_id is not null

)

select * from mapped
