with claims as (

    select * from {{ ref('input_claims') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}
    where area = 'billing'

),

dated as (

    select
        claims.*,
        as_of_dates.as_of_date,
        coalesce(claims.insurance_plan_id, 'patient') as payer_id,
        coalesce(
            claims.submitted_on, claims.accepted_on, claims.decided_on, as_of_dates.as_of_date
        ) as joined_on,
        coalesce(claims.claim_status = 'Denied', false) as is_denied,
        coalesce(claims.accepted_on <= as_of_dates.as_of_date, false) as is_accepted,
        -- a decision without a day counts; one dated after the as-of date does not count yet
        coalesce(
            claims.decided_on <= as_of_dates.as_of_date,
            claims.claim_status in ('Denied', 'Paid', 'Closed'),
            false
        ) as is_decided
    from claims
    cross join as_of_dates

),

-- a denial's code stays on a claim that is sent again: it was denied once, whatever its outcome
judged as (

    select
        *,
        is_denied or denial_code is not null as was_denied,
        coalesce(decided_on < submitted_on, false) as is_decided_before_submitted,
        coalesce(submitted_on > as_of_date, false)
        or coalesce(accepted_on > as_of_date, false)
        or coalesce(decided_on > as_of_date, false) as is_future_dated,
        coalesce(
            claim_status not in ('Submitted', 'Accepted', 'Denied', 'Paid', 'Closed'), true
        ) as is_unknown_status,
        case
            when decided_on >= submitted_on and decided_on <= as_of_date
                then cast({{ days_between('submitted_on', 'decided_on') }} as bigint)
        end as days_to_decision
    from dated

)

select * from judged
