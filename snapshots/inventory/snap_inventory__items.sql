{% snapshot snap_inventory__items %}
{{ config(unique_key='item_id', **engine_config(sort=['item_id'])) }}

{{ state_now_of('base_inventory__items') }}
{% endsnapshot %}
