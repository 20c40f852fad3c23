with entries as (

    select * from {{ ref('fct_ledger_entries') }}
    where
        not is_future_dated
        and (is_unapplied or has_no_charge)

),

added as (

    select
        *,
        {{ key_of(['system_name', 'patient_durable_key', 'payer_id']) }} as balance_to_apply_key,
        sum(signed_amount) over (
            partition by system_name, patient_durable_key, payer_id
            order by posted_on, entry_id
            rows between unbounded preceding and current row
        ) as balance_until
    from entries

),

-- what adds up to nothing, such as a deposit and its refund, is done with
left_open as (

    select
        *,
        sum(case when balance_until = 0 then 1 else 0 end) over (
            partition by system_name, patient_durable_key, payer_id
            order by posted_on, entry_id
            rows between current row and unbounded following
        ) as zeros_from_here
    from added

),

listed as (

    select
        -- keys
        ledger_entry_key,
        balance_to_apply_key,
        patient_durable_key,
        insurance_plan_durable_key,
        system_name,

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
    from left_open
    where zeros_from_here = 0

)

select * from listed
