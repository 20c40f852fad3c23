{% snapshot snap_shop__products %}
{{ config(unique_key='product_id', **engine_config(sort=['product_id'])) }}

{{ state_now_of('base_shop__products') }}
{% endsnapshot %}
