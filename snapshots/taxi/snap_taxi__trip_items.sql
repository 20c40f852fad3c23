{% snapshot snap_taxi__trip_items %}
{{ config(unique_key='trip_item_id', **engine_config(sort=['trip_item_id'])) }}

{{ state_now_of('base_taxi__trip_items') }}
{% endsnapshot %}
