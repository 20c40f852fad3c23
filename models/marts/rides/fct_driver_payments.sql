{{ config(**engine_config(dist='driver_durable_key', sort=['billing_date'])) }}

with billings as (

    select * from {{ ref('int_driver_billings_computed') }}

),

drivers as (

    select * from {{ ref('int_drivers_versioned') }}

),

payment_types as (

    select * from {{ ref('stg_taxi__payment_types') }}

),

joined as (

    select
        -- keys
        {{ key_of(['billings.billing_key']) }} as payment_key,
        billings.billing_key,
        coalesce(drivers.driver_key, {{ unknown_member() }}) as driver_key,
        {{ key_of(['billings.driver_pseudonym']) }} as driver_durable_key,

        -- attributes
        billings.billing_origin,
        billings.billing_cycle,
        billings.billing_status,
        payment_types.payment_type,

        -- amounts
        cast(billings.billing_amount * billings.commission_share as decimal(18, 6))
            as payment_amount,
        billings.recorded_payment_amount,
        billings.recorded_rides_total,

        -- times
        billings.billing_date
    from billings
    left join drivers
        on billings.driver_pseudonym = drivers.driver_pseudonym
        and {{ valid_on('drivers', 'billings.billing_date') }}
    left join payment_types
        on drivers.payment_type_id = payment_types.payment_type_id
    where
        billings.driver_pseudonym is not null
        and (drivers.driver_key is not null or billings.billing_origin <> 'procedure')

),

judged as (

    select
        payment_key,
        billing_key,
        driver_key,
        driver_durable_key,
        billing_origin,
        billing_cycle,
        billing_status,
        payment_type,
        case
            when recorded_rides_total is null then 'not recorded'
            when recorded_payment_amount = payment_amount then 'equal'
            when coalesce(recorded_payment_amount, payment_amount) is null then 'equal'
            when recorded_payment_amount is null then 'not recorded'
            else 'different'
        end as payment_verdict,
        payment_amount,
        recorded_payment_amount,
        billing_date
    from joined

)

select * from judged
