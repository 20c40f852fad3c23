with insurance_plans as (

    select * from {{ ref('input_insurance_plans') }}

),

-- the ledger names the patient as a payer beside the plans: a member valid at all times
payers as (

    select
        system_name,
        insurance_plan_id,
        plan_name,
        payer_class,
        coalesce(is_active, true) as is_active,
        is_current,
        valid_from,
        valid_to,
        seen_from,
        seen_to
    from insurance_plans
    union all
    select
        cast(null as varchar) as system_name,
        'patient' as insurance_plan_id,
        'Patient' as plan_name,
        cast(null as varchar) as payer_class,
        true as is_active,
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
        system_name,
        insurance_plan_id,

        -- attributes
        plan_name,
        payer_class,
        is_active,
        is_current,

        -- times
        valid_from,
        valid_to,
        seen_from,
        seen_to
    from payers

)

select * from keyed
