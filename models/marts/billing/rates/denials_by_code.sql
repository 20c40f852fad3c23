with slices as (

    select * from {{ ref('int_denials_rated') }}

),

shown as (

    select
        -- keys
        slice_key as denials_by_code_key,
        insurance_plan_durable_key,

        -- attributes
        denial_code,
        denial_reason,

        -- amounts
        claims_denied,
        claims_still_denied,
        denied_charge_amount,
        denial_rate,
        final_denial_rate,
        denied_charge_share,
        average_days_to_decision,
        median_days_to_decision,

        -- times
        as_of_date
    from slices
    where sliced_by = 'plan and code'

)

select * from shown
