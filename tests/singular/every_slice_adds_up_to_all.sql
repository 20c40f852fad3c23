-- Plans, physicians and patients are three ways to cut the same money and the same claims.
with slices as (

    select
        'collections' as mart,
        sliced_by,
        sum(charge_amount) as first_amount,
        sum(payment_amount - refund_amount) as second_amount,
        sum(open_amount) as third_amount,
        sum(balance_amount) as fourth_amount
    from {{ ref('collections') }}
    group by sliced_by
    union all
    select
        'point_of_service' as mart,
        sliced_by,
        sum(patient_payment_amount) as first_amount,
        sum(same_day_amount) as second_amount,
        sum(within_week_amount) as third_amount,
        sum(unapplied_amount) as fourth_amount
    from {{ ref('point_of_service') }}
    group by sliced_by
    union all
    select
        'denials' as mart,
        sliced_by,
        sum(claims_submitted) as first_amount,
        sum(claims_decided) as second_amount,
        sum(claims_denied) as third_amount,
        sum(charge_amount) as fourth_amount
    from {{ ref('denials') }}
    where sliced_by not like '%code'
    group by sliced_by

),

compared as (

    select
        slices.mart,
        slices.sliced_by
    from slices
    inner join slices as alls
        on slices.mart = alls.mart
        and alls.sliced_by = 'all'
    where
        slices.first_amount <> alls.first_amount
        or slices.second_amount <> alls.second_amount
        or slices.third_amount <> alls.third_amount
        or slices.fourth_amount <> alls.fourth_amount

)

select * from compared
