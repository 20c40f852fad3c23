with reconciliation as (

    select
        verdict,
        count(*) as rows_found
    from {{ ref('trip_reconciliation') }}
    group by verdict

),

billings as (

    select * from {{ ref('fct_driver_billings') }}

),

trips as (

    select * from {{ ref('stg_taxi__trips') }}

),

snapshots as (

    select
        cast(max(extracted_at) as date) as snapshot_day,
        coalesce(
            max(case when trip_state = 'processed' then cast(dropoff_at as date) end),
            date '1900-01-01'
        ) as newest_run_day
    from trips

),

found as (

    select
        'trips_table' as table_name,
        case verdict
            when 'different' then 'differs_from_aurora'
            when 'only in dynamodb' then 'not_in_aurora'
            else 'not_in_dynamodb'
        end as finding,
        rows_found
    from reconciliation
    where verdict in ('different', 'only in dynamodb', 'only in aurora')
    union all
    select
        'trips' as table_name,
        'never_billed' as finding,
        count(*) as rows_found
    from trips
    inner join snapshots
        on trips.dropoff_at < {{ as_timestamp('snapshots.snapshot_day') }}
    where
        trips.trip_state = 'completed'
        and (
            cast(trips.dropoff_at as date) <= snapshots.newest_run_day
            or trips.dropoff_at = {{ as_timestamp('cast(trips.dropoff_at as date)') }}
        )
    union all
    select
        'billing' as table_name,
        'billing_differs' as finding,
        count(*) as rows_found
    from billings
    where
        (billing_origin = 'procedure' and billing_verdict = 'different')
        or (billing_origin = 'source' and billing_cycle > 1)

),

named as (

    select
        'taxi' as source_name,
        table_name,
        finding,
        rows_found
    from found
    where rows_found > 0

)

select * from named
