with account_balances as (

    {{ versions_of(ref('snap_clinic__accounts'), 'account_id') }}

),

mapped as (

    select
        -- keys
        'clinic' as system_name,
        account_id,
        account_pseudonym,
        insurance_plan_id,
        patient_id,
        patient_pseudonym,

        -- amounts
        balance_amount,
        last_payment_amount,

        -- times
        payment_due_date,
        seen_from,
        seen_to
    from account_balances

)

select * from mapped
