with open_items as (

    select * from {{ ref('ar_open_items') }}
    where
        open_amount > 0
        and payer_id <> 'patient'

),

charges as (

    select * from {{ ref('fct_charges') }}

),

claims as (

    select * from {{ ref('fct_claims') }}

),

claims_pending as (

    select * from {{ ref('claims_pending') }}

),

denials_to_resubmit as (

    select * from {{ ref('denials_to_resubmit') }}

),

-- while a claim waits for its plan, or for us after a denial, that list has what its plan owes
on_lists as (

    select
        claim_key,
        insurance_plan_durable_key
    from claims_pending
    union all
    select
        claim_key,
        insurance_plan_durable_key
    from denials_to_resubmit

),

listed as (

    select
        -- keys
        open_items.ar_open_item_key,
        open_items.charge_key,
        claims.claim_key,
        open_items.patient_durable_key,
        open_items.physician_durable_key,
        open_items.insurance_plan_durable_key,

        -- attributes
        open_items.payer_id,
        open_items.payer_position,
        claims.claim_status,

        -- amounts
        open_items.open_amount,

        -- times
        open_items.service_date,
        claims.decided_on,
        cast({{ days_between('open_items.service_date', 'open_items.as_of_date') }} as bigint)
            as days_since_service,
        open_items.as_of_date
    from open_items
    inner join charges
        on open_items.charge_key = charges.charge_key
    left join claims
        on charges.claim_key = claims.claim_key
    left join on_lists
        on charges.claim_key = on_lists.claim_key
        and open_items.insurance_plan_durable_key = on_lists.insurance_plan_durable_key
    where on_lists.claim_key is null

)

select * from listed
