with slices as (

    select * from {{ ref('int_patient_payments_rated') }}

),

shown as (

    select
        -- keys
        physician_durable_key,

        -- attributes
        payments,

        -- amounts
        patient_payment_amount,
        same_day_amount,
        within_week_amount,
        unapplied_amount,
        same_day_share,
        within_week_share,

        -- times
        as_of_date
    from slices
    where sliced_by = 'physician'

)

select * from shown
