with claims as (

    select * from {{ ref('fct_claims') }}

),

open_items as (

    select * from {{ ref('int_open_items_claimed') }}

),

pending as (

    select
        claims.*,
        case
            when claims.submitted_on <= claims.as_of_date
                then cast({{ days_between('claims.submitted_on', 'claims.as_of_date') }} as bigint)
        end as days_pending,
        coalesce(open_items.open_amount, 0) as owed
    from claims
    left join open_items
        on claims.claim_key = open_items.claim_key
        and claims.insurance_plan_durable_key = open_items.insurance_plan_durable_key
    where not claims.is_decided

),

listed as (

    select
        -- keys
        claim_key,
        encounter_key,
        patient_durable_key,
        physician_durable_key,
        insurance_plan_durable_key,

        -- attributes
        claim_status,
        was_denied,
        case
            when days_pending is null then 'not sent'
            when days_pending <= 30 then '0-30'
            when days_pending <= 60 then '31-60'
            when days_pending <= 90 then '61-90'
            when days_pending <= 120 then '91-120'
            else '>120'
        end as age_bucket,

        -- amounts
        charge_amount,
        cast(owed as decimal(18, 2)) as plan_open_amount,

        -- times
        submitted_on,
        accepted_on,
        days_pending,
        as_of_date
    from pending

)

select * from listed
