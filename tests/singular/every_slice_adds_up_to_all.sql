-- Plans and physicians are two ways to cut the same money and claims; codes cut the denied ones.
with slices as (

    select
        'collections' as mart,
        'all' as cut_by,
        sum(charge_amount) as first_amount,
        sum(payment_amount - refund_amount) as second_amount,
        sum(open_on_charges_amount) as third_amount,
        sum(balance_amount) as fourth_amount
    from {{ ref('collections') }}
    union all
    select
        'collections' as mart,
        'plan' as cut_by,
        sum(charge_amount) as first_amount,
        sum(payment_amount - refund_amount) as second_amount,
        sum(open_on_charges_amount) as third_amount,
        sum(balance_amount) as fourth_amount
    from {{ ref('collections_by_plan') }}
    union all
    select
        'collections' as mart,
        'physician' as cut_by,
        sum(charge_amount) as first_amount,
        sum(payment_amount - refund_amount) as second_amount,
        sum(open_on_charges_amount) as third_amount,
        sum(balance_amount) as fourth_amount
    from {{ ref('collections_by_physician') }}
    union all
    select
        'point_of_service' as mart,
        'all' as cut_by,
        sum(patient_payment_amount) as first_amount,
        sum(same_day_amount) as second_amount,
        sum(within_week_amount) as third_amount,
        sum(unapplied_amount) as fourth_amount
    from {{ ref('point_of_service') }}
    union all
    select
        'point_of_service' as mart,
        'plan' as cut_by,
        sum(patient_payment_amount) as first_amount,
        sum(same_day_amount) as second_amount,
        sum(within_week_amount) as third_amount,
        sum(unapplied_amount) as fourth_amount
    from {{ ref('point_of_service_by_plan') }}
    union all
    select
        'point_of_service' as mart,
        'physician' as cut_by,
        sum(patient_payment_amount) as first_amount,
        sum(same_day_amount) as second_amount,
        sum(within_week_amount) as third_amount,
        sum(unapplied_amount) as fourth_amount
    from {{ ref('point_of_service_by_physician') }}
    union all
    select
        'denials' as mart,
        'all' as cut_by,
        sum(claims_submitted) as first_amount,
        sum(claims_decided) as second_amount,
        sum(claims_denied) as third_amount,
        sum(charge_amount) as fourth_amount
    from {{ ref('denials') }}
    union all
    select
        'denials' as mart,
        'plan' as cut_by,
        sum(claims_submitted) as first_amount,
        sum(claims_decided) as second_amount,
        sum(claims_denied) as third_amount,
        sum(charge_amount) as fourth_amount
    from {{ ref('denials_by_plan') }}
    union all
    select
        'denials' as mart,
        'physician' as cut_by,
        sum(claims_submitted) as first_amount,
        sum(claims_decided) as second_amount,
        sum(claims_denied) as third_amount,
        sum(charge_amount) as fourth_amount
    from {{ ref('denials_by_physician') }}

),

compared as (

    select
        slices.mart,
        slices.cut_by
    from slices
    inner join slices as alls
        on slices.mart = alls.mart
        and alls.cut_by = 'all'
    where
        coalesce(slices.first_amount, 0) <> coalesce(alls.first_amount, 0)
        or coalesce(slices.second_amount, 0) <> coalesce(alls.second_amount, 0)
        or coalesce(slices.third_amount, 0) <> coalesce(alls.third_amount, 0)
        or coalesce(slices.fourth_amount, 0) <> coalesce(alls.fourth_amount, 0)

),

coded as (

    select
        'denials' as mart,
        'code' as cut_by
    from {{ ref('denials') }} as denials
    where
        denials.claims_denied <> (
            select coalesce(sum(by_code.claims_denied), 0)
            from {{ ref('denials_by_code') }} as by_code
        )

),

differing as (

    select * from compared
    union all
    select * from coded

)

select * from differing
