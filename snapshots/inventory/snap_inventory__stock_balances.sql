{% snapshot snap_inventory__stock_balances %}
{{ config(unique_key='stock_place_id', **engine_config(sort=['stock_place_id'])) }}

with staged as (

    {{ staged('stg_inventory__stock_balances') }}

),

hashed as (

    select
        *,
        {{ row_hash([
            'item_id',
            'location',
            'quantity',
        ], times=['refreshed_at']) }} as row_hash
    from staged

)

select * from hashed
{% endsnapshot %}
