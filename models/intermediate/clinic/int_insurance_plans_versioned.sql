with insurance_plans as (

    {{ versions_of(ref('snap_clinic__insurance_plans'), 'insurance_plan_id') }}

),

-- the ledger names the patient as a payer beside the plans: a member that always was
payers as (

    select
        insurance_plan_id,
        plan_name,
        is_current,
        valid_from,
        valid_to,
        seen_from,
        seen_to
    from insurance_plans
    union all
    select
        'patient' as insurance_plan_id,
        'Patient' as plan_name,
        true as is_current,
        date '1900-01-01' as valid_from,
        cast(null as date) as valid_to,
        date '1900-01-01' as seen_from,
        cast(null as date) as seen_to

),

keyed as (

    select
        -- keys
        {{ key_of(['insurance_plan_id', 'seen_from']) }} as insurance_plan_key,
        {{ key_of(['insurance_plan_id']) }} as insurance_plan_durable_key,
        insurance_plan_id,

        -- attributes
        plan_name,
        is_current,

        -- times
        valid_from,
        valid_to,
        seen_from,
        seen_to
    from payers

)

select * from keyed
