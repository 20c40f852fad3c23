with open_items as (

    select * from {{ ref('ar_open_items') }}

),

entries as (

    select * from {{ ref('fct_ledger_entries') }}

),

-- entries without a charge, or with an unknown one, have a row of their own
lines as (

    select
        payer_id,
        insurance_plan_durable_key,
        physician_durable_key,
        patient_durable_key,
        age_bucket,
        open_amount,
        credit_amount,
        cast(0 as decimal(18, 2)) as unapplied_amount,
        as_of_date
    from open_items
    union all
    select
        payer_id,
        insurance_plan_durable_key,
        physician_durable_key,
        patient_durable_key,
        'unapplied' as age_bucket,
        cast(0 as decimal(18, 2)) as open_amount,
        cast(0 as decimal(18, 2)) as credit_amount,
        cast(signed_amount as decimal(18, 2)) as unapplied_amount,
        as_of_date
    from entries
    where
        not is_future_dated
        and (is_unapplied or has_no_charge)

),

aged as (

    select
        -- keys
        {{ key_of(['payer_id', 'physician_durable_key', 'patient_durable_key', 'age_bucket']) }}
            as ar_ageing_key,
        insurance_plan_durable_key,
        physician_durable_key,
        patient_durable_key,

        -- attributes
        payer_id,
        age_bucket,
        cast(
            case age_bucket
                when '0-30' then 1
                when '31-60' then 2
                when '61-90' then 3
                when '91-120' then 4
                when '>120' then 5
                else 6
            end as bigint
        ) as bucket_number,
        count(*) as items,
        cast(sum(case when open_amount > 0 then 1 else 0 end) as bigint) as open_items,

        -- amounts
        cast(sum(open_amount) as decimal(18, 2)) as open_amount,
        cast(sum(credit_amount) as decimal(18, 2)) as credit_amount,
        cast(sum(unapplied_amount) as decimal(18, 2)) as unapplied_amount,
        cast(sum(open_amount + credit_amount + unapplied_amount) as decimal(18, 2))
            as balance_amount,

        -- times
        as_of_date
    from lines
    group by
        payer_id,
        insurance_plan_durable_key,
        physician_durable_key,
        patient_durable_key,
        age_bucket,
        as_of_date

)

select * from aged
