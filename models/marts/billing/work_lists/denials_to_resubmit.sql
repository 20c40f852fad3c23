with claims as (

    select * from {{ ref('fct_claims') }}

),

open_items as (

    select * from {{ ref('int_open_items_claimed') }}

),

listed as (

    select
        -- keys
        claims.claim_key,
        claims.encounter_key,
        claims.patient_durable_key,
        claims.physician_durable_key,
        claims.insurance_plan_durable_key,

        -- attributes
        coalesce(claims.denial_code, 'none given') as denial_code,
        claims.denial_reason,

        -- amounts
        claims.charge_amount,
        cast(coalesce(open_items.open_amount, 0) as decimal(18, 2)) as plan_open_amount,

        -- times
        claims.submitted_on,
        claims.decided_on,
        cast({{ days_between('claims.decided_on', 'claims.as_of_date') }} as bigint)
            as days_since_denial,
        claims.as_of_date
    from claims
    left join open_items
        on claims.claim_key = open_items.claim_key
        and claims.insurance_plan_durable_key = open_items.insurance_plan_durable_key
    where
        claims.is_decided
        and claims.is_denied
        and not coalesce(claims.submitted_on > claims.decided_on, false)

)

select * from listed
