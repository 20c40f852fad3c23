with claims as (

    select * from {{ ref('fct_claims') }}
    where is_decided

),

-- a claim counts once: under the code of its denial, or under `not denied`
coded as (

    select
        {{ month_start('decided_on') }} as month_start,
        insurance_plan_durable_key,
        case when was_denied then coalesce(denial_code, 'none given') else 'not denied' end
            as denial_code,
        case when was_denied then denial_reason end as denial_reason,
        case when was_denied then 1 else 0 end as denied,
        case when is_denied then 1 else 0 end as still_denied,
        charge_amount,
        as_of_date
    from claims

),

counted as (

    select
        -- keys
        {{ key_of(['month_start', 'insurance_plan_durable_key', 'denial_code']) }}
            as denials_by_month_key,
        month_start,
        insurance_plan_durable_key,

        -- attributes
        denial_code,
        max(denial_reason) as denial_reason,

        -- amounts
        cast(count(*) as bigint) as claims_decided,
        cast(sum(denied) as bigint) as claims_denied,
        cast(sum(still_denied) as bigint) as claims_still_denied,
        cast(sum(charge_amount) as decimal(18, 2)) as charge_amount,
        cast(sum(denied * charge_amount) as decimal(18, 2)) as denied_charge_amount,

        -- times
        case when month_start is not null then least({{ month_end('month_start') }}, as_of_date) end
            as measured_on,
        as_of_date
    from coded
    group by month_start, insurance_plan_durable_key, denial_code, as_of_date

)

select * from counted
