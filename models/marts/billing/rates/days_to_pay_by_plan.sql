with kept as (

    select * from {{ ref('int_payments_kept') }}

),

claims as (

    select * from {{ ref('fct_claims') }}

),

first_payments as (

    select
        claim_key,
        insurance_plan_durable_key,
        min(posted_on) as first_paid_on
    from kept
    where claim_key is not null
    group by claim_key, insurance_plan_durable_key

),

-- the claims whose plan first paid in the 365 days that end on the as-of date
paid as (

    select
        claims.insurance_plan_durable_key,
        cast({{ days_between('claims.submitted_on', 'first_payments.first_paid_on') }} as bigint)
            as days_to_pay,
        claims.as_of_date
    from claims
    inner join first_payments
        on claims.claim_key = first_payments.claim_key
        and claims.insurance_plan_durable_key = first_payments.insurance_plan_durable_key
    where
        first_payments.first_paid_on >= claims.submitted_on
        and first_payments.first_paid_on >= {{ add_days('claims.as_of_date', -364) }}

),

timed as (

    select
        insurance_plan_durable_key,
        count(*) as claims,
        sum(days_to_pay) as days,
        max(days_to_pay) as longest,
        sum(case when days_to_pay <= 30 then 1 else 0 end) as in_time,
        {{ median_of('days_to_pay') }} as median_days,
        as_of_date
    from paid
    group by insurance_plan_durable_key, as_of_date

),

shown as (

    select
        -- keys
        insurance_plan_durable_key,

        -- amounts
        cast(claims as bigint) as claims_paid,
        cast(in_time as bigint) as claims_paid_within_30_days,
        {{ ratio('days', 'claims', 1) }} as average_days_to_pay,
        cast(median_days as decimal(18, 1)) as median_days_to_pay,
        cast(longest as bigint) as longest_days_to_pay,
        {{ ratio('in_time', 'claims', 4) }} as within_30_days_share,

        -- times
        as_of_date
    from timed

)

select * from shown
