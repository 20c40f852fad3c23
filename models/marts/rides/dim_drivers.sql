{{ config(**engine_config(dist='driver_durable_key', sort=['driver_durable_key'])) }}

with drivers as (

    select * from {{ ref('int_drivers_versioned') }}

),

car_models as (

    select * from {{ ref('stg_taxi__car_models') }}

),

payment_types as (

    select * from {{ ref('stg_taxi__payment_types') }}

),

described as (

    select
        -- keys
        drivers.driver_key,
        drivers.driver_durable_key,

        -- attributes
        car_models.car_make,
        car_models.car_model,
        payment_types.payment_type,
        drivers.rating,
        drivers.is_current,

        -- times
        drivers.registered_on,
        drivers.valid_from,
        drivers.valid_to,
        drivers.seen_from,
        drivers.seen_to
    from drivers
    left join car_models
        on drivers.car_model_id = car_models.car_model_id
    left join payment_types
        on drivers.payment_type_id = payment_types.payment_type_id

),

with_unknown as (

    select * from described
    union all
    select
        {{ unknown_member() }} as driver_key,
        {{ unknown_member() }} as driver_durable_key,
        cast(null as varchar(100)) as car_make,
        cast(null as varchar(100)) as car_model,
        cast(null as varchar(100)) as payment_type,
        cast(null as varchar(10)) as rating,
        true as is_current,
        cast(null as date) as registered_on,
        date '1900-01-01' as valid_from,
        cast(null as date) as valid_to,
        date '1900-01-01' as seen_from,
        cast(null as date) as seen_to

)

select * from with_unknown
