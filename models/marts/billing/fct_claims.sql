{{ config(**engine_config(dist='patient_durable_key', sort=['submitted_on'])) }}

with claims as (

    select * from {{ ref('int_claims_judged') }}

),

charges as (

    select * from {{ ref('fct_charges') }}

),

encounters as (

    select * from {{ ref('fct_encounters') }}

),

patients as (

    select * from {{ ref('int_patients_versioned') }}

),

insurance_plans as (

    select * from {{ ref('int_insurance_plans_versioned') }}

),

reasons as (

    select * from {{ ref('adjustment_reasons') }}

),

charged as (

    select
        claim_key,
        sum(charge_amount) as charge_amount
    from charges
    where claim_key is not null
    group by claim_key

),

keyed as (

    select
        *,
        {{ key_of(['claim_id']) }} as claim_key,
        {{ key_or_null('encounter_id') }} as encounter_key
    from claims

),

joined as (

    select
        -- keys
        keyed.claim_key,
        keyed.encounter_key,
        coalesce(patients.patient_key, {{ unknown_member() }}) as patient_key,
        {{ key_or_unknown('keyed.patient_pseudonym') }} as patient_durable_key,
        coalesce(encounters.physician_key, {{ unknown_member() }}) as physician_key,
        coalesce(encounters.physician_durable_key, {{ unknown_member() }}) as physician_durable_key,
        coalesce(insurance_plans.insurance_plan_key, {{ unknown_member() }}) as insurance_plan_key,
        {{ key_of(['keyed.payer_id']) }} as insurance_plan_durable_key,
        keyed.system_name,
        keyed.claim_id,

        -- attributes
        keyed.claim_status,
        keyed.claim_position,
        keyed.denial_code,
        reasons.meaning as denial_reason,
        keyed.is_accepted,
        keyed.is_decided,
        keyed.is_denied,
        keyed.was_denied,
        (keyed.is_accepted or keyed.is_decided) and not keyed.was_denied as is_clean,
        keyed.is_decided_before_submitted,
        keyed.is_future_dated,
        keyed.is_unknown_status,

        -- amounts
        cast(coalesce(charged.charge_amount, 0) as decimal(18, 2)) as charge_amount,

        -- times
        keyed.submitted_on,
        keyed.accepted_on,
        keyed.decided_on,
        keyed.days_to_decision,
        keyed.as_of_date
    from keyed
    left join charged
        on keyed.claim_key = charged.claim_key
    left join encounters
        on keyed.encounter_key = encounters.encounter_key
    left join patients
        on keyed.patient_pseudonym = patients.patient_pseudonym
        and {{ valid_on('patients', 'keyed.joined_on') }}
    left join reasons
        on coalesce({{ part_of('keyed.denial_code', '-', 2) }}, keyed.denial_code)
        = reasons.reason_code
    left join insurance_plans
        on keyed.payer_id = insurance_plans.insurance_plan_id
        and {{ valid_on('insurance_plans', 'keyed.joined_on') }}

)

select * from joined
