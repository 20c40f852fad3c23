with charges as (

    select * from {{ ref('fct_charges') }}

),

claims as (

    select * from {{ ref('fct_claims') }}

),

patients as (

    select * from {{ ref('dim_patients') }}

),

insurance_plans as (

    select * from {{ ref('dim_insurance_plans') }}
    where
        is_current
        and insurance_plan_id not in ('patient', 'unknown')

),

listed as (

    select
        -- keys
        charges.charge_key,
        charges.encounter_key,
        charges.patient_durable_key,
        charges.physician_durable_key,
        insurance_plans.insurance_plan_durable_key,

        -- attributes
        charges.procedure_code,

        -- amounts
        charges.charge_amount,
        charges.balance_amount,

        -- times
        charges.service_date,
        cast({{ days_between('charges.service_date', 'charges.as_of_date') }} as bigint)
            as days_since_service,
        charges.as_of_date
    from charges
    inner join patients
        on charges.patient_key = patients.patient_key
    inner join insurance_plans
        on patients.insurance_plan_durable_key = insurance_plans.insurance_plan_durable_key
    left join claims
        on charges.claim_key = claims.claim_key
    where
        claims.claim_key is null
        and charges.balance_amount > 0

)

select * from listed
