{{ config(**engine_config(sort=['extract_date'])) }}

with loads as (

    select * from {{ ref('fct_loads') }}
    where is_counted

),

staged as (

    select * from {{ ref('int_loads_staged') }}

),

published as (

    select * from {{ ref('int_rows_measured') }}
    where stage = 'published'

),

compared as (

    select
        'extract' as stage,
        source_name,
        table_name,
        load_id,
        'rows' as measure,
        extract_date,
        quarantined,
        forgotten,
        unnamed,
        cast(0 as decimal(38, 4)) as kept,
        cast(rows_in as decimal(38, 4)) as expected,
        cast(landed + quarantined + duplicates + forgotten as decimal(38, 4)) as found
    from loads
    union all
    select
        'staging' as stage,
        source_name,
        table_name,
        load_id,
        measure,
        extract_date,
        quarantined,
        cast(0 as bigint) as forgotten,
        cast(0 as bigint) as unnamed,
        kept,
        case
            when kind = 'full' then landed_newest + coalesce(kept_by_manifest, kept)
            when kind in ('incremental', 'append') then landed_counted - superseded
            when kind = 'changes' then landed_since_full - superseded
        end as expected,
        staged as found
    from staged
    union all
    select
        'mart' as stage,
        staged.source_name,
        staged.table_name,
        staged.load_id,
        staged.measure,
        staged.extract_date,
        staged.quarantined,
        cast(0 as bigint) as forgotten,
        cast(0 as bigint) as unnamed,
        staged.kept,
        staged.staged as expected,
        published.measured as found
    from staged
    inner join published
        on staged.measure = published.measure
        and staged.table_name = published.table_name
        and staged.source_name = published.source_name

),

judged as (

    select
        -- keys
        {{ key_of(['stage', 'source_name', 'table_name', 'load_id', 'measure']) }}
            as validation_key,
        stage,
        source_name,
        table_name,
        load_id,
        measure,

        -- attributes
        case
            when expected is null then 'not compared'
            when expected = found then 'holds'
            else 'differs'
        end as verdict,
        stage <> 'extract' and measure <> 'rows' and quarantined > 0 as has_unknown_amounts,

        -- amounts
        cast(expected as decimal(38, 4)) as expected,
        cast(found as decimal(38, 4)) as found,
        cast(kept as decimal(38, 4)) as kept,
        cast(quarantined as bigint) as quarantined,
        cast(forgotten as bigint) as forgotten,
        cast(unnamed as bigint) as unnamed,

        -- times
        extract_date
    from compared

)

select * from judged
