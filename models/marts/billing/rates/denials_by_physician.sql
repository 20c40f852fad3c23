with slices as (

    select * from {{ ref('int_denials_rated') }}

),

shown as (

    select
        -- keys
        physician_durable_key,

        -- amounts
        claims_submitted,
        claims_answered,
        claims_decided,
        claims_denied,
        claims_still_denied,
        claims_clean,
        charge_amount,
        denied_charge_amount,
        denial_rate,
        final_denial_rate,
        denied_charge_share,
        clean_claim_rate,
        average_days_to_decision,
        median_days_to_decision,

        -- times
        as_of_date
    from slices
    where sliced_by = 'physician'

)

select * from shown
