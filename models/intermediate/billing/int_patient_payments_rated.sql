with kept as (

    select * from {{ ref('int_payments_kept') }}

),

slices as (

    select 'all' as sliced_by
    union all
    select 'plan' as sliced_by
    union all
    select 'physician' as sliced_by

),

-- patients' own payments in the 365 days that end on the as-of date
payments as (

    select
        first_payer_durable_key as insurance_plan_durable_key,
        physician_durable_key,
        kept_amount as paid,
        {{ days_between('charge_service_date', 'posted_on') }} as days_after_service,
        as_of_date
    from kept
    where
        payer_id = 'patient'
        and posted_on >= {{ add_days('as_of_date', -364) }}

),

sliced as (

    select
        slices.sliced_by,
        case when slices.sliced_by = 'plan' then payments.insurance_plan_durable_key end
            as insurance_plan_durable_key,
        case when slices.sliced_by = 'physician' then payments.physician_durable_key end
            as physician_durable_key,
        payments.paid,
        case when payments.days_after_service = 0 then payments.paid else 0 end as paid_that_day,
        case when payments.days_after_service <= 7 then payments.paid else 0 end as paid_in_a_week,
        case when payments.days_after_service is null then payments.paid else 0 end as unapplied,
        payments.as_of_date
    from payments
    cross join slices

),

summed as (

    select
        sliced_by,
        insurance_plan_durable_key,
        physician_durable_key,
        count(*) as payments,
        sum(paid) as paid,
        sum(paid_that_day) as paid_that_day,
        sum(paid_in_a_week) as paid_in_a_week,
        sum(unapplied) as unapplied,
        as_of_date
    from sliced
    group by sliced_by, insurance_plan_durable_key, physician_durable_key, as_of_date

),

shared as (

    select
        -- keys
        {{ key_of(['sliced_by', 'insurance_plan_durable_key', 'physician_durable_key']) }}
            as slice_key,
        insurance_plan_durable_key,
        physician_durable_key,

        -- attributes
        sliced_by,
        payments,

        -- amounts
        cast(paid as decimal(18, 2)) as patient_payment_amount,
        cast(paid_that_day as decimal(18, 2)) as same_day_amount,
        cast(paid_in_a_week as decimal(18, 2)) as within_week_amount,
        cast(unapplied as decimal(18, 2)) as unapplied_amount,
        {{ ratio('paid_that_day', 'paid', 4) }} as same_day_share,
        {{ ratio('paid_in_a_week', 'paid', 4) }} as within_week_share,

        -- times
        as_of_date
    from summed

)

select * from shared
