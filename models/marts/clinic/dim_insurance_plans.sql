{{ config(**engine_config(dist='all', sort=['insurance_plan_durable_key', 'valid_from'])) }}

with insurance_plans as (

    select * from {{ ref('int_insurance_plans_versioned') }}

),

named as (

    select
        -- keys
        insurance_plan_key,
        insurance_plan_durable_key,
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
    from insurance_plans

),

with_unknown as (

    select * from named
    union all
    select
        {{ unknown_member() }} as insurance_plan_key,
        {{ unknown_member() }} as insurance_plan_durable_key,
        cast(null as varchar) as system_name,
        'unknown' as insurance_plan_id,
        'Unknown' as plan_name,
        cast(null as varchar) as payer_class,
        true as is_active,
        true as is_current,
        date '1900-01-01' as valid_from,
        cast(null as date) as valid_to,
        date '1900-01-01' as seen_from,
        cast(null as date) as seen_to

)

select * from with_unknown
