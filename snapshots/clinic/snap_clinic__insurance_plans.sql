{% snapshot snap_clinic__insurance_plans %}
{{ config(unique_key='insurance_plan_id', **engine_config(sort=['insurance_plan_id'])) }}

with staged as (

    {{ staged('stg_clinic__insurance_plans') }}

),

hashed as (

    select
        *,
        {{ row_hash([
            'plan_name',
            'payer_class',
        ], conditions=['is_active']) }} as row_hash
    from staged

)

select * from hashed
{% endsnapshot %}
