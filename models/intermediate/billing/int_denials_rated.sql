-- Longer than usual: the rates by code need the same slices and denominators as the rates without.
with claims as (

    select * from {{ ref('fct_claims') }}

),

slices as (

    select 'all' as sliced_by
    union all
    select 'plan' as sliced_by
    union all
    select 'physician' as sliced_by
    union all
    select 'plan and code' as sliced_by

),

-- the claims that were sent in the 365 days that end on the as-of date
sliced as (

    select
        claims.*,
        slices.sliced_by,
        case when slices.sliced_by like 'plan%' then claims.insurance_plan_durable_key end
            as plan_slice,
        case when slices.sliced_by = 'physician' then claims.physician_durable_key end
            as physician_slice,
        case
            when slices.sliced_by like '%code' and claims.was_denied
                then coalesce(claims.denial_code, 'none given')
        end as code_slice,
        case when slices.sliced_by like '%code' and claims.was_denied then claims.denial_reason end
            as reason_of_code,
        case when claims.is_decided then 1 else 0 end as decided,
        case when claims.is_accepted or claims.is_decided then 1 else 0 end as answered,
        case when claims.is_decided and claims.was_denied then 1 else 0 end as denied,
        case when claims.is_decided and claims.is_denied then 1 else 0 end as still_denied,
        case when claims.is_clean then 1 else 0 end as clean
    from claims
    cross join slices
    where
        claims.submitted_on <= claims.as_of_date
        and claims.submitted_on >= {{ add_days('claims.as_of_date', -364) }}

),

summed as (

    select
        sliced_by,
        plan_slice,
        physician_slice,
        code_slice,
        max(reason_of_code) as reason_of_code,
        count(*) as sent,
        sum(answered) as answered,
        sum(decided) as decided,
        sum(denied) as denied,
        sum(still_denied) as still_denied,
        sum(clean) as clean,
        sum(charge_amount) as charged,
        sum(denied * charge_amount) as denied_charged,
        sum(days_to_decision) as days,
        count(days_to_decision) as timed,
        {{ median_of('days_to_decision') }} as median_days,
        as_of_date
    from sliced
    group by sliced_by, plan_slice, physician_slice, code_slice, as_of_date

),

-- a code's claims are compared with all claims of its slice, denied or not
compared as (

    select
        *,
        sum(sent) over (partition by sliced_by, plan_slice, physician_slice) as all_sent,
        sum(answered) over (partition by sliced_by, plan_slice, physician_slice) as all_answered,
        sum(decided) over (partition by sliced_by, plan_slice, physician_slice) as all_decided,
        sum(charged) over (partition by sliced_by, plan_slice, physician_slice) as all_charged
    from summed

),

rated as (

    select
        -- keys
        {{ key_of(['sliced_by', 'plan_slice', 'physician_slice', 'code_slice']) }}
            as slice_key,
        plan_slice as insurance_plan_durable_key,
        physician_slice as physician_durable_key,

        -- attributes
        sliced_by,
        code_slice as denial_code,
        reason_of_code as denial_reason,

        -- amounts
        cast(all_sent as bigint) as claims_submitted,
        cast(all_answered as bigint) as claims_answered,
        cast(all_decided as bigint) as claims_decided,
        cast(denied as bigint) as claims_denied,
        cast(still_denied as bigint) as claims_still_denied,
        cast(clean as bigint) as claims_clean,
        cast(all_charged as decimal(18, 2)) as charge_amount,
        cast(denied_charged as decimal(18, 2)) as denied_charge_amount,
        {{ ratio('denied', 'all_decided', 4) }} as denial_rate,
        {{ ratio('still_denied', 'all_decided', 4) }} as final_denial_rate,
        {{ ratio('denied_charged', 'all_charged', 4) }} as denied_charge_share,
        case when sliced_by not like '%code' then {{ ratio('clean', 'all_answered', 4) }} end
            as clean_claim_rate,
        {{ ratio('days', 'timed', 1) }} as average_days_to_decision,
        cast(median_days as decimal(18, 1)) as median_days_to_decision,

        -- times
        as_of_date
    from compared
    where sliced_by not like '%code' or denied > 0

)

select * from rated
