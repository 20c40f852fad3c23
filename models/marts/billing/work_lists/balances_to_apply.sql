with entries as (

    select * from {{ ref('entries_to_apply') }}

),

summed as (

    select
        -- keys
        balance_to_apply_key,
        patient_durable_key,
        insurance_plan_durable_key,
        system_name,

        -- attributes
        payer_id,
        count(*) as entries,

        -- amounts
        cast(sum(signed_amount) as decimal(18, 2)) as balance_amount,

        -- times
        min(posted_on) as standing_since_on,
        max(days_standing) as days_standing,
        as_of_date
    from entries
    group by
        balance_to_apply_key,
        patient_durable_key,
        insurance_plan_durable_key,
        system_name,
        payer_id,
        as_of_date

)

select * from summed
