{% snapshot snap_shop__products %}
{{ config(unique_key='product_id', **engine_config(sort=['product_id'])) }}

with staged as (

    {{ staged('stg_shop__products') }}

),

hashed as (

    select
        *,
        {{ row_hash([
            'category_id',
            'product_name',
            'unit_price',
        ], conditions=['is_discontinued']) }} as row_hash
    from staged

)

select * from hashed
{% endsnapshot %}
