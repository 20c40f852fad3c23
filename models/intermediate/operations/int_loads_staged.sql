-- longer than most: staged rows are counted here, and compared with the manifest's count
with every_load as (

    select * from {{ ref('fct_loads') }}

),

loads as (

    select * from every_load
    where is_counted

),

load_amounts as (

    select * from {{ ref('stg_landfall__load_amounts') }}

),

rows_staged as (

    select * from {{ ref('int_rows_measured') }}
    where stage = 'staged'

),

superseded as (

    select * from {{ ref('int_rows_measured') }}
    where stage = 'superseded'

),

missing as (

    select * from {{ ref('int_rows_measured') }}
    where stage = 'missing'

),

-- the newest load's manifest on older loads, unless they changed since it landed
kept_by_manifest as (

    select
        newest.source_name,
        newest.table_name,
        'rows' as measure,
        max(newest.rows_kept + newest.deletions_withheld) as rows_kept
    from loads as newest
    left join every_load as changed
        on newest.table_name = changed.table_name
        and newest.source_name = changed.source_name
        and newest.extract_date >= changed.extract_date
        and (changed.is_retracted or newest.landed_at < changed.landed_at)
    where newest.is_newest
        and newest.kind = 'full'
        and changed.load_id is null
    group by newest.source_name, newest.table_name

),

-- each load's rows, and the sum of each of its amounts
brought as (

    select
        source_name,
        table_name,
        load_id,
        'rows' as measure,
        cast(landed as decimal(38, 4)) as landed
    from loads
    union all
    select
        source_name,
        table_name,
        load_id,
        column_name as measure,
        landed_sum as landed
    from load_amounts

),

joined as (

    select
        loads.source_name,
        loads.table_name,
        loads.load_id,
        loads.is_newest,
        loads.kind,
        loads.quarantined,
        loads.extract_date,
        loads.is_read,
        brought.measure,
        brought.landed,
        coalesce(rows_staged.measured, 0) as staged
    from brought
    inner join loads
        on brought.load_id = loads.load_id
        and brought.table_name = loads.table_name
        and brought.source_name = loads.source_name
    left join rows_staged
        on brought.load_id = rows_staged.load_id
        and brought.measure = rows_staged.measure
        and brought.table_name = rows_staged.table_name
        and brought.source_name = rows_staged.source_name

),

-- the newest full load is the state; of older loads only rows kept by quarantine count
summed as (

    select
        source_name,
        table_name,
        measure,
        max(case when is_newest then load_id end) as load_id,
        max(case when is_newest then kind end) as kind,
        max(extract_date) as extract_date,
        max(case when is_newest then quarantined else 0 end) as quarantined_newest,
        sum(case when is_newest then landed else 0 end) as landed_newest,
        sum(landed) as landed_counted,
        case
            when max(case when is_read and kind = 'full' then quarantined else 0 end) = 0
                then sum(case when is_read then landed else 0 end)
        end as landed_since_full,
        sum(case when is_newest then staged else 0 end) as staged_newest,
        sum(case when is_newest then 0 else staged end) as kept,
        sum(staged) as staged
    from joined
    group by source_name, table_name, measure

),

compared as (

    select
        summed.*,
        coalesce(
            cast(missing.measured as bigint),
            case when summed.kind = 'full' then summed.quarantined_newest end,
            0
        ) as quarantined,
        cast(kept_by_manifest.rows_kept as decimal(38, 4)) as kept_by_manifest,
        superseded.measured as superseded
    from summed
    left join kept_by_manifest
        on summed.measure = kept_by_manifest.measure
        and summed.table_name = kept_by_manifest.table_name
        and summed.source_name = kept_by_manifest.source_name
    left join superseded
        on summed.measure = superseded.measure
        and summed.table_name = superseded.table_name
        and summed.source_name = superseded.source_name
    left join missing
        on summed.table_name = missing.table_name
        and summed.source_name = missing.source_name

)

select * from compared
