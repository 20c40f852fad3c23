{% snapshot snap_taxi__drivers %}
{{ config(unique_key='driver_id', **engine_config(sort=['driver_id'])) }}

with staged as (

    {{ staged('stg_taxi__drivers') }}

),

hashed as (

    select
        *,
        {{ row_hash([
            'car_model_id',
            'payment_type_id',
            'driver_name',
            'vehicle_id',
            'driver_email',
            'driver_mobile',
            'address',
            'rating',
        ]) }} as row_hash
    from staged

)

select * from hashed
{% endsnapshot %}
