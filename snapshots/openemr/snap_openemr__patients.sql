{% snapshot snap_openemr__patients %}
{{ config(unique_key='patient_id', **engine_config(sort=['patient_id'])) }}

{{ state_now_of('base_openemr__patients') }}
{% endsnapshot %}
