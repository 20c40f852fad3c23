{{ config(**engine_config(dist='rider_durable_key', sort=['rider_durable_key'])) }}

with riders as (

    select * from {{ ref('int_riders_versioned') }}

),

identified as (

    select
        -- keys
        rider_key,
        rider_durable_key,
        rider_id,

        -- attributes
        rider_name,
        rider_email,
        rider_mobile,
        address,
        is_current,

        -- times
        valid_from,
        valid_to,
        seen_from,
        seen_to
    from riders

)

select * from identified
