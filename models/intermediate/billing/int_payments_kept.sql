with entries as (

    select * from {{ ref('fct_ledger_entries') }}
    where
        entry_type = 'payment'
        and not is_future_dated

),

-- without a charge it is the patient's money that comes and goes
counted as (

    select
        *,
        -signed_amount as paid,
        sum(-signed_amount) over (
            partition by system_name, charge_key, patient_durable_key, payer_id
            order by posted_on, case when signed_amount > 0 then 1 else 0 end, entry_id
            rows between unbounded preceding and current row
        ) as paid_until
    from entries

),

-- reversals take the newest first, so a payment keeps what the sum never falls below from then on
lowest as (

    select
        *,
        min(paid_until) over (
            partition by system_name, charge_key, patient_durable_key, payer_id
            order by posted_on, case when signed_amount > 0 then 1 else 0 end, entry_id
            rows between current row and unbounded following
        ) as lowest_paid
    from counted

),

kept as (

    select
        -- keys
        ledger_entry_key,
        charge_key,
        claim_key,
        patient_durable_key,
        insurance_plan_durable_key,
        first_payer_durable_key,
        physician_durable_key,
        system_name,

        -- attributes
        payer_id,

        -- amounts
        amount,
        lowest_paid - (paid_until - paid) as kept_amount,

        -- times
        charge_service_date,
        posted_on,
        as_of_date
    from lowest
    where lowest_paid > paid_until - paid

)

select * from kept
