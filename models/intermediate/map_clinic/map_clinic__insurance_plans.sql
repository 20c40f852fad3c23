with insurance_plans as (

    {{ versions_of(ref('snap_clinic__insurance_plans'), 'insurance_plan_id') }}

),

mapped as (

    select
        -- keys
        'clinic' as system_name,
        insurance_plan_id,

        -- attributes
        plan_name,
        payer_class,
        is_active,

        -- times
        is_current,
        valid_from,
        valid_to,
        seen_from,
        seen_to
    from insurance_plans

)

select * from mapped
