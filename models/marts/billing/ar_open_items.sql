with balances as (

    select * from {{ ref('int_charge_balances_settled') }}

),

newest as (

    select
        -- keys
        {{ key_of(['charge_key', 'payer_id']) }} as ar_open_item_key,
        charge_key,
        patient_durable_key,
        insurance_plan_durable_key,
        first_payer_durable_key,
        physician_durable_key,

        -- attributes
        payer_id,
        payer_position,
        age_bucket,
        days_old,

        -- amounts
        open_amount,
        credit_amount,

        -- times
        service_date,
        as_of_date
    from balances
    where measured_on = as_of_date

)

select * from newest
