{% snapshot snap_clinic__employees %}
{{ config(unique_key='employee_id', **engine_config(sort=['employee_id'])) }}

{{ state_now_of('base_clinic__employees') }}
{% endsnapshot %}
