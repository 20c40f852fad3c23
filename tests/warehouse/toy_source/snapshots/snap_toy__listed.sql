{% snapshot snap_toy__listed %}
{{ config(unique_key='thing_id', **engine_config(sort=['thing_id'])) }}

with staged as (

    {{ staged('stg_toy__listed') }}

),

hashed as (

    select
        *,
        {{ row_hash(['word', 'number']) }} as row_hash
    from staged

)

select * from hashed
{% endsnapshot %}
