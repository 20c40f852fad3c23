{% snapshot snap_taxi__riders %}
{{ config(unique_key='rider_id', **engine_config(sort=['rider_id'])) }}

with staged as (

    {{ staged('stg_taxi__riders') }}

),

hashed as (

    select
        *,
        {{ row_hash([
            'payment_type_id',
            'rider_name',
            'rider_email',
            'rider_mobile',
            'address',
            'rating',
        ]) }} as row_hash
    from staged

)

select * from hashed
{% endsnapshot %}
