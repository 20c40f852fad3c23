with open_items as (

    select * from {{ ref('ar_open_items') }}

),

charges as (

    select * from {{ ref('fct_charges') }}

),

summed as (

    select
        {{ key_of(['charges.claim_key', 'open_items.insurance_plan_durable_key']) }}
            as claim_open_item_key,
        charges.claim_key,
        open_items.insurance_plan_durable_key,
        sum(open_items.open_amount) as open_amount
    from open_items
    inner join charges
        on open_items.charge_key = charges.charge_key
    where
        charges.claim_key is not null
        and open_items.payer_id <> 'patient'
    group by charges.claim_key, open_items.insurance_plan_durable_key

)

select * from summed
