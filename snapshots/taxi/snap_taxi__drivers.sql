{% snapshot snap_taxi__drivers %}
{{ config(unique_key='driver_id', **engine_config(sort=['driver_id'])) }}

{{ state_now_of('base_taxi__drivers') }}
{% endsnapshot %}
