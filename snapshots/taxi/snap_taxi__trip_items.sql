{% snapshot snap_taxi__trip_items %}
{{ config(unique_key='trip_item_id', **engine_config(sort=['trip_item_id'])) }}

with staged as (

    {{ staged('stg_taxi__trip_items') }}

),

hashed as (

    select
        *,
        {{ row_hash([
            'source_status',
        ]) }} as row_hash
    from staged

)

select * from hashed
{% endsnapshot %}
