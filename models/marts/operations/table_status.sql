-- longer than most: of each table what landed, what is missing, and whether it is late
with tables as (

    select * from {{ ref('int_tables_contracted') }}

),

loads as (

    select * from {{ ref('fct_loads') }}

),

refusals as (

    select
        source_name,
        table_name,
        sum(case when is_missing then 0 else 1 end) as refused,
        sum(case when is_missing then 1 else 0 end) as taken_out
    from {{ ref('stg_landfall__refusals') }}
    group by source_name, table_name

),

-- of increments, events and changes more than one load counts: a row is missing until it lands
missing as (

    select * from {{ ref('int_rows_measured') }}
    where stage = 'missing'

),

newest as (

    select * from loads
    where is_newest

),

-- a table that is delivered whole is due whenever its source delivers any table
source_dates as (

    select
        source_name,
        max(extract_date) as newest_extract_date
    from newest
    where kind = 'full'
    group by source_name

),

-- what the state is read from begins with a full extract, which replaces all before it
begun as (

    select
        source_name,
        table_name,
        min(extract_date) as state_begins_on
    from loads
    where is_read and kind = 'full'
    group by source_name, table_name

),

joined as (

    select
        -- keys
        {{ key_of(['tables.source_name', 'tables.table_name']) }} as table_key,
        tables.source_name,
        tables.table_name,

        -- attributes
        newest.load_id as newest_load_id,
        newest.kind as newest_kind,
        not coalesce(tables.is_delivered_once, false) and coalesce(
            newest.kind = 'full'
            and not coalesce(
                substring(newest.object_name, 1, length(tables.full_load_folder))
                = tables.full_load_folder,
                false
            )
            and {{ days_between('newest.extract_date', 'source_dates.newest_extract_date') }}
            > {{ var('late_after_days') }},
            false
        ) as is_late,

        -- amounts
        newest.landed as landed_rows,
        coalesce(
            cast(missing.measured as bigint),
            case when newest.kind = 'full' then newest.quarantined end,
            0
        ) as quarantined_rows,
        coalesce(newest.rows_kept, 0) as kept_rows,
        cast(coalesce(refusals.refused, 0) as bigint) as refused_objects,
        cast(coalesce(refusals.taken_out, 0) as bigint) as missing_objects,

        -- times
        newest.extract_date as newest_extract_date,
        begun.state_begins_on,
        newest.landed_at
    from tables
    left join newest
        on tables.source_name = newest.source_name
        and tables.table_name = newest.table_name
    left join begun
        on tables.source_name = begun.source_name
        and tables.table_name = begun.table_name
    left join source_dates
        on tables.source_name = source_dates.source_name
    left join missing
        on tables.source_name = missing.source_name
        and tables.table_name = missing.table_name
    left join refusals
        on tables.source_name = refusals.source_name
        and tables.table_name = refusals.table_name

)

select * from joined
