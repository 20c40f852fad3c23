{% snapshot snap_clinic__insurance_plans %}
{{ config(unique_key='insurance_plan_id', **engine_config(sort=['insurance_plan_id'])) }}

{{ state_now_of('base_clinic__insurance_plans') }}
{% endsnapshot %}
