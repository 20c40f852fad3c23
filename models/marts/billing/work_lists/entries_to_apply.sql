with entries as (

    select * from {{ ref('fct_ledger_entries') }}

),

listed as (

    select
        -- keys
        ledger_entry_key,
        patient_durable_key,
        insurance_plan_durable_key,

        -- attributes
        entry_type,
        payer_id,
        method,
        is_unapplied,
        has_no_charge,

        -- amounts
        signed_amount,

        -- times
        posted_on,
        cast({{ days_between('posted_on', 'as_of_date') }} as bigint) as days_standing,
        as_of_date
    from entries
    where
        not is_future_dated
        and (is_unapplied or has_no_charge)

)

select * from listed
