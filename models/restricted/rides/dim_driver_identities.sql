{{ config(**engine_config(dist='driver_durable_key', sort=['driver_durable_key'])) }}

with drivers as (

    select * from {{ ref('int_drivers_versioned') }}

),

identified as (

    select
        -- keys
        driver_key,
        driver_durable_key,
        driver_id,

        -- attributes
        driver_name,
        driver_email,
        driver_mobile,
        address,
        vehicle_id,
        is_current,

        -- times
        valid_from,
        valid_to,
        seen_from,
        seen_to
    from drivers

)

select * from identified
