{{ config(**engine_config(dist='trip_key', sort=['pickup_date'])) }}

with trips as (

    select * from {{ ref('int_trips_matched') }}

),

compared as (

    select
        *,
        {{ key_of([
            'dynamodb_fare_amount', 'dynamodb_tolls_amount', 'dynamodb_tip_amount',
            'dynamodb_total_amount', 'dynamodb_passengers'
        ]) }} as dynamodb_figures,
        {{ key_of([
            'aurora_fare_amount', 'aurora_tolls_amount', 'aurora_tip_amount',
            'aurora_total_amount', 'aurora_passengers'
        ]) }} as aurora_figures
    from trips

),

judged as (

    select
        -- keys
        trip_key,

        -- attributes
        case
            when is_in_dynamodb and is_in_aurora and dynamodb_figures = aurora_figures then 'equal'
            when is_in_dynamodb and is_in_aurora then 'different'
            when is_in_aurora then 'only in aurora'
            when dynamodb_state in ('completed', 'processed') then 'only in dynamodb'
            else 'not completed'
        end as verdict,
        is_in_dynamodb,
        is_in_aurora,
        dynamodb_state,
        aurora_state,
        dynamodb_passengers,
        aurora_passengers,

        -- amounts
        dynamodb_fare_amount,
        aurora_fare_amount,
        dynamodb_tolls_amount,
        aurora_tolls_amount,
        dynamodb_tip_amount,
        aurora_tip_amount,
        dynamodb_total_amount,
        aurora_total_amount,

        -- times
        {{ business_day('pickup_at') }} as pickup_date
    from compared

)

select * from judged
