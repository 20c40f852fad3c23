{{ config(**engine_config(dist='driver_durable_key', sort=['billing_date'])) }}

with billings as (

    select * from {{ ref('int_driver_billings_computed') }}

),

drivers as (

    select * from {{ ref('int_drivers_versioned') }}

),

joined as (

    select
        -- keys
        billings.billing_key,
        coalesce(drivers.driver_key, {{ unknown_member() }}) as driver_key,
        {{ key_or_unknown('billings.driver_pseudonym') }} as driver_durable_key,

        -- attributes
        billings.billing_origin,
        billings.billing_cycle,
        billings.billing_status,
        case
            when billings.recorded_rides_total is null then 'not recorded'
            when billings.recorded_rides_total <> billings.rides_total then 'different'
            when billings.recorded_billing_amount = billings.billing_amount then 'equal'
            -- trips without a total make a billing without an amount
            when coalesce(billings.recorded_billing_amount, billings.billing_amount) is null
                then 'equal'
            else 'different'
        end as billing_verdict,

        -- amounts
        billings.billing_amount,
        billings.commission_share,
        billings.rides_total,
        billings.recorded_billing_amount,

        -- times
        billings.billing_date,
        billings.billing_start_at,
        billings.billing_end_at,
        billings.billed_at
    from billings
    left join drivers
        on billings.driver_pseudonym = drivers.driver_pseudonym
        and {{ valid_on('drivers', 'billings.billing_date') }}

)

select * from joined
