with drivers as (

    {{ versions_of(ref('snap_taxi__drivers'), 'driver_id') }}

),

keyed as (

    select
        -- keys
        {{ key_of(['driver_pseudonym', 'seen_from']) }} as driver_key,
        {{ key_of(['driver_pseudonym']) }} as driver_durable_key,
        driver_id,
        driver_pseudonym,
        car_model_id,
        payment_type_id,

        -- attributes
        driver_name,
        driver_email,
        driver_mobile,
        address,
        vehicle_id,
        rating,
        is_current,

        -- times
        {{ business_day('registered_at') }} as registered_on,
        valid_from,
        valid_to,
        seen_from,
        seen_to
    from drivers

)

select * from keyed
