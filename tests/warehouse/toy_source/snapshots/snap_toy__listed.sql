{% snapshot snap_toy__listed %}
{{ config(unique_key='thing_id', **engine_config(sort=['thing_id'])) }}

{{ state_now_of('base_toy__listed') }}
{% endsnapshot %}
