{% snapshot snap_clinic__accounts %}
{{ config(unique_key='account_id', **engine_config(sort=['account_id'])) }}

{{ state_now_of('base_clinic__accounts') }}
{% endsnapshot %}
