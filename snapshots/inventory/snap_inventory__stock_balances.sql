{% snapshot snap_inventory__stock_balances %}
{{ config(unique_key='stock_place_id', **engine_config(sort=['stock_place_id'])) }}

{{ state_now_of('base_inventory__stock_balances') }}
{% endsnapshot %}
