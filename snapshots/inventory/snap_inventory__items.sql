{% snapshot snap_inventory__items %}
{{ config(unique_key='item_id', **engine_config(sort=['item_id'])) }}

with staged as (

    {{ staged('stg_inventory__items') }}

),

hashed as (

    select
        *,
        {{ row_hash([
            'item_description',
            'item_category',
            'unit_cost',
        ]) }} as row_hash
    from staged

)

select * from hashed
{% endsnapshot %}
