{% snapshot snap_taxi__trip_items %}
{{ config(unique_key='trip_item_id', **engine_config(sort=['trip_item_id'])) }}

with staged as (

    {{ staged('stg_taxi__trip_items') }}

),

-- The staging model's own seed, which dbt does not see in that model's text; named after the model,
-- because history takes the first for its source.
-- depends_on: {{ ref('trip_states') }}
hashed as (

    select
        *,
        {{ row_hash([
            'trip_state',
        ]) }} as row_hash
    from staged

)

select * from hashed
{% endsnapshot %}
