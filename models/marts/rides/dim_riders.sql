{{ config(**engine_config(dist='rider_durable_key', sort=['rider_durable_key'])) }}

with riders as (

    select * from {{ ref('int_riders_versioned') }}

),

payment_types as (

    select * from {{ ref('stg_taxi__payment_types') }}

),

described as (

    select
        -- keys
        riders.rider_key,
        riders.rider_durable_key,

        -- attributes
        payment_types.payment_type,
        riders.rating,
        riders.is_current,

        -- times
        riders.registered_on,
        riders.valid_from,
        riders.valid_to,
        riders.seen_from,
        riders.seen_to
    from riders
    left join payment_types
        on riders.payment_type_id = payment_types.payment_type_id

),

with_unknown as (

    select * from described
    union all
    select
        {{ unknown_member() }} as rider_key,
        {{ unknown_member() }} as rider_durable_key,
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
