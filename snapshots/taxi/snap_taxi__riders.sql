{% snapshot snap_taxi__riders %}
{{ config(unique_key='rider_id', **engine_config(sort=['rider_id'])) }}

{{ state_now_of('base_taxi__riders') }}
{% endsnapshot %}
