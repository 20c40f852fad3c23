{{ config(**engine_config(sort=['extract_date'])) }}

with loads as (

    select * from {{ ref('fct_loads') }}
    where is_counted

),

load_amounts as (

    select * from {{ ref('stg_landfall__load_amounts') }}

),

staged as (

    select * from {{ ref('int_rows_staged') }}

),

published as (

    select * from {{ ref('int_rows_published') }}

),

-- what each load brought: its rows, and the sum of each of its amounts
landed as (

    select source_name, table_name, load_id, 'rows' as measure, cast(landed as decimal(38, 4)) as landed
    from loads
    union all
    select source_name, table_name, load_id, column_name as measure, landed_sum as landed
    from load_amounts

),

-- what of it is the state: of a newest full extract all, of an older load what a quarantined row kept
states as (

    select
        landed.source_name,
        landed.table_name,
        landed.measure,
        max(case when loads.is_newest then loads.load_id end) as load_id,
        max(loads.extract_date) as extract_date,
        max(case when loads.is_newest then loads.kind end) as kind,
        sum(case when loads.is_newest then loads.quarantined else 0 end) as quarantined,
        sum(case when loads.is_newest then landed.landed else 0 end) as landed_newest,
        sum(case when loads.is_newest then coalesce(staged.measured, 0) else 0 end) as staged_newest,
        sum(case when loads.is_newest then 0 else coalesce(staged.measured, 0) end) as kept,
        sum(coalesce(staged.measured, 0)) as staged
    from landed
    inner join loads
        on landed.source_name = loads.source_name
        and landed.table_name = loads.table_name
        and landed.load_id = loads.load_id
    left join staged
        on landed.source_name = staged.source_name
        and landed.table_name = staged.table_name
        and landed.load_id = staged.load_id
        and landed.measure = staged.measure
    group by landed.source_name, landed.table_name, landed.measure

),

compared as (

    select
        'extract' as stage, source_name, table_name, load_id, 'rows' as measure, extract_date, quarantined,
        cast(0 as decimal(38, 4)) as kept,
        cast(rows_in as decimal(38, 4)) as expected,
        cast(landed + quarantined + duplicates as decimal(38, 4)) as found
    from loads
    union all
    select
        'staging' as stage, source_name, table_name, load_id, measure, extract_date, quarantined,
        kept,
        case when kind = 'full' then landed_newest end as expected,
        staged_newest as found
    from states
    union all
    select
        'mart' as stage, states.source_name, states.table_name, states.load_id, states.measure, states.extract_date,
        states.quarantined,
        states.kept,
        states.staged as expected,
        published.measured as found
    from states
    inner join published
        on states.source_name = published.source_name
        and states.table_name = published.table_name
        and states.measure = published.measure

),

judged as (

    select
        -- keys
        {{ key_of(['stage', 'source_name', 'table_name', 'load_id', 'measure']) }} as validation_key,
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
        measure <> 'rows' and quarantined > 0 as has_unknown_amounts,

        -- amounts
        cast(expected as decimal(38, 4)) as expected,
        cast(found as decimal(38, 4)) as found,
        cast(kept as decimal(38, 4)) as kept,
        cast(quarantined as bigint) as quarantined,

        -- times
        extract_date
    from compared

)

select * from judged
