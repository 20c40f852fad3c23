with operations as (

    select
        *,
        case when error_code is null then 0 else 1 end as has_error
    from {{ ref('int_table_operations_listed') }}

),

-- the newest first: among all, and among those with an error
ranked as (

    select
        *,
        row_number() over (
            partition by source_name, table_name, operation
            order by done_at desc nulls last, operation_id asc
        ) as place,
        row_number() over (
            partition by source_name, table_name, operation, has_error
            order by done_at desc nulls last, operation_id asc
        ) as place_among_its_like
    from operations

),

newest as (

    select
        *,
        place = 1 as is_newest,
        has_error = 1 and place_among_its_like = 1 as is_newest_error
    from ranked

),

summed as (

    select
        -- keys
        {{ key_of(['source_name', 'table_name', 'operation']) }} as table_operation_key,
        source_name,
        table_name,
        operation,

        -- attributes
        max(case when is_newest then outcome end) as newest_outcome,
        max(case when is_newest_error then error_code end) as newest_error_code,

        -- amounts
        count(*) as times_done,
        cast(sum(has_error) as bigint) as times_with_error,
        cast(max(case when is_newest then seconds end) as decimal(18, 3)) as newest_seconds,
        {{ ratio('sum(seconds)', 'count(seconds)', 3) }} as average_seconds,
        cast(max(case when is_newest then rows_landed end) as bigint) as newest_rows,
        cast(sum(rows_landed) as bigint) as all_rows,

        -- times
        max(done_at) as newest_at,
        max(case when is_newest_error then done_at end) as newest_error_at
    from newest
    group by source_name, table_name, operation

)

select * from summed
