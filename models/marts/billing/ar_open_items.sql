with entries as (

    select * from {{ ref('fct_ledger_entries') }}

),

-- the unit of ageing is (charge, payer); only what was posted by the as-of date counts
balances as (

    select
        charge_key,
        payer_id,
        min(insurance_plan_durable_key) as insurance_plan_durable_key,
        min(patient_durable_key) as patient_durable_key,
        min(first_payer_durable_key) as first_payer_durable_key,
        min(physician_durable_key) as physician_durable_key,
        min(payer_position) as payer_position,
        min(charge_service_date) as service_date,
        min(as_of_date) as as_of_date,
        sum(signed_amount) as balance_amount
    from entries
    where
        not is_future_dated
        and not is_unapplied
        and not has_no_charge
    group by charge_key, payer_id

),

split as (

    select
        *,
        {{ days_between('service_date', 'as_of_date') }} as days_old,
        case when balance_amount > 0 then balance_amount else 0 end as owed,
        case when balance_amount < 0 then -balance_amount else 0 end as credited,
        case payer_position when 'primary' then 1 when 'secondary' then 2 else 3 end as place
    from balances

),

queued as (

    select
        *,
        sum(owed) over (partition by charge_key) as all_owed,
        sum(credited) over (partition by charge_key) as all_credited,
        sum(owed) over (
            partition by charge_key order by place, payer_id
            rows between unbounded preceding and current row
        ) as owed_until,
        sum(credited) over (
            partition by charge_key order by place, payer_id
            rows between unbounded preceding and current row
        ) as credited_until
    from split

),

-- a charge's credits pay its debts from the head of the queue; what finds no debt stays a credit
settled as (

    select
        *,
        case
            when all_credited >= owed_until then 0
            when all_credited > owed_until - owed then owed_until - all_credited
            else owed
        end as still_owed,
        case
            when all_owed >= credited_until then 0
            when all_owed > credited_until - credited then credited_until - all_owed
            else credited
        end as still_credited
    from queued

),

aged as (

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
        case
            when days_old <= 30 then '0-30'
            when days_old <= 60 then '31-60'
            when days_old <= 90 then '61-90'
            when days_old <= 120 then '91-120'
            else '>120'
        end as age_bucket,
        cast(days_old as bigint) as days_old,

        -- amounts
        cast(still_owed as decimal(18, 2)) as open_amount,
        cast(-still_credited as decimal(18, 2)) as credit_amount,

        -- times
        service_date,
        as_of_date
    from settled
    where still_owed > 0 or still_credited > 0

)

select * from aged
