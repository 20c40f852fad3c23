{% snapshot snap_clinic__patients %}
{{ config(unique_key='patient_id', **engine_config(sort=['patient_id'])) }}

{{ state_now_of('base_clinic__patients') }}
{% endsnapshot %}
