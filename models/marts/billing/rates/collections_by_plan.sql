with slices as (

    select * from {{ ref('int_collections_rated') }}

),

shown as (

    select
        -- keys
        insurance_plan_durable_key,

        -- amounts
        charge_amount,
        payment_amount,
        refund_amount,
        contractual_amount,
        bad_debt_amount,
        charity_amount,
        open_on_charges_amount,
        open_on_charges_over_90_amount,
        open_on_charges_over_year_amount,
        balance_amount,
        gross_collection_rate,
        net_collection_rate,
        bad_debt_share,
        charity_share,
        days_in_ar,
        days_in_net_ar,
        months_in_ar,
        open_over_90_share,
        open_over_year_share,

        -- times
        window_start,
        window_days,
        as_of_date
    from slices
    where sliced_by = 'plan'

)

select * from shown
