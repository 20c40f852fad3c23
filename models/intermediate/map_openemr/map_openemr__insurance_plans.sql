with insurance_companies as (

    {{ versions_of(ref('snap_openemr__insurance_companies'), 'insurance_company_id') }}

),

company_types as (

    select * from {{ ref('openemr_company_types') }}

),

-- OpenEMR has no plans: claims go to a company
mapped as (

    select
        -- keys
        'openemr' as system_name,
        {{ system_number('openemr', 'insurance_companies.insurance_company_id') }}
            as insurance_plan_id,

        -- attributes
        insurance_companies.company_name as plan_name,
        company_types.payer_class,
        not coalesce(insurance_companies.is_inactive, false) as is_active,

        -- times
        insurance_companies.is_current,
        insurance_companies.valid_from,
        insurance_companies.valid_to,
        insurance_companies.seen_from,
        insurance_companies.seen_to
    from insurance_companies
    left join company_types
        on insurance_companies.company_type = company_types.company_type

)

select * from mapped
