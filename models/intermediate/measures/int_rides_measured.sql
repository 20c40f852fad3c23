with measured as (

    {{ measures_of('taxi', 'trips_table', ref('stg_taxi__trip_items'), {
        'fare_amount': 'fare_amount',
        'extra': 'extra_amount',
        'mta_tax': 'mta_tax_amount',
        'tip_amount': 'tip_amount',
        'tolls_amount': 'tolls_amount',
        'ehail_fee': 'ehail_fee_amount',
        'improvement_surcharge': 'improvement_surcharge_amount',
        'total_amount': 'total_amount',
        'trip_distance': 'trip_distance'
    }) }}
    union all
    {{ measures_of('taxi', 'trips', ref('stg_taxi__trips'), {
        'fare_amount': 'fare_amount',
        'extra': 'extra_amount',
        'mta_tax': 'mta_tax_amount',
        'tip_amount': 'tip_amount',
        'tolls_amount': 'tolls_amount',
        'ehail_fee': 'ehail_fee_amount',
        'improvement_surcharge': 'improvement_surcharge_amount',
        'total_amount': 'total_amount',
        'trip_distance': 'trip_distance'
    }) }}
    union all
    {{ measures_of('taxi', 'drivers', ref('stg_taxi__drivers')) }}
    union all
    {{ measures_of('taxi', 'riders', ref('stg_taxi__riders')) }}
    union all
    {{ measures_of('taxi', 'billing', ref('stg_taxi__billings'), {
        'billing_amount': 'billing_amount', 'commissions': 'commission_share'
    }) }}
    union all
    {{ measures_of('taxi', 'billing_history', ref('stg_taxi__billing_history'), {
        'billing_amount': 'billing_amount', 'commissions': 'commission_share'
    }) }}
    union all
    {{ measures_of('taxi', 'payment', ref('stg_taxi__payments'), {
        'payment_amount': 'payment_amount'
    }) }}
    union all
    {{ measures_of('taxi', 'payment_types', ref('stg_taxi__payment_types')) }}
    union all
    {{ measures_of('taxi', 'rate_codes', ref('stg_taxi__rate_codes')) }}
    union all
    {{ measures_of('taxi', 'cab_types', ref('stg_taxi__cab_types')) }}
    union all
    {{ measures_of('taxi', 'car_model', ref('stg_taxi__car_models')) }}
    union all
    {{ measures_of('taxi', 'trip_status', ref('stg_taxi__trip_statuses')) }}
    union all
    {{ mart_measures_of('taxi', 'trips_table', ref('trip_reconciliation'), {
        'fare_amount': 'dynamodb_fare_amount',
        'tip_amount': 'dynamodb_tip_amount',
        'tolls_amount': 'dynamodb_tolls_amount',
        'total_amount': 'dynamodb_total_amount'
    }, where='is_in_dynamodb') }}
    union all
    {{ mart_measures_of('taxi', 'trips', ref('fct_trips'), {
        'fare_amount': 'fare_amount',
        'tip_amount': 'tip_amount',
        'tolls_amount': 'tolls_amount',
        'total_amount': 'total_amount'
    }, where='is_in_aurora') }}
    union all
    {{ mart_measures_of('taxi', 'drivers', ref('dim_drivers'),
        where="seen_to is null and driver_key <> " ~ unknown_member()) }}
    union all
    {{ mart_measures_of('taxi', 'riders', ref('dim_riders'),
        where="seen_to is null and rider_key <> " ~ unknown_member()) }}
    union all
    {{ mart_measures_of('taxi', 'billing_history', ref('fct_driver_billings'), {
        'billing_amount': 'billing_amount', 'commissions': 'commission_share'
    }, where="billing_origin = 'history'") }}
    union all
    {{ superseded_measures_of('taxi') }}

)

select * from measured
