{% snapshot snap_toy__changed %}
{{ config(unique_key='thing_id', **engine_config(sort=['thing_id'])) }}

with staged as (

    {{ staged('stg_toy__changed') }}

),

hashed as (

    select
        *,
        {{ row_hash(['word', 'number']) }} as row_hash
    from staged

)

select * from hashed
{% endsnapshot %}
