-- Longer than usual: each kind of operation has its lines.
with loads as (

    select * from {{ ref('fct_loads') }}

),

acts as (

    select * from {{ ref('fct_acts') }}

),

refusals as (

    select * from {{ ref('stg_landfall__refusals') }}

),

run_nodes as (

    select * from {{ ref('run_nodes') }}

),

quarantined_rows as (

    select * from {{ ref('stg_landfall__quarantined_rows') }}

),

codes_counted as (

    select
        load_id,
        code,
        count(*) as rows_found
    from quarantined_rows
    group by load_id, code

),

-- a load's error is the one that most of its rows in quarantine have
codes_ranked as (

    select
        load_id,
        code,
        row_number() over (
            partition by load_id
            order by rows_found desc nulls last, code asc
        ) as place
    from codes_counted

),

-- a node of freshness is called source.landfall.<source>.<table>, and has a row for each area
freshness as (

    select distinct
        run_id,
        {{ part_of('node', '.', 3) }} as source_name,
        {{ part_of('node', '.', 4) }} as table_name,
        status,
        finished_at
    from run_nodes
    where resource_type = 'source'

),

listed as (

    select
        loads.load_id as operation_id,
        loads.source_name,
        loads.table_name,
        case loads.act
            when 'landed' then 'land'
            when 'released' then 'release'
            when 'relanded' then 'reland'
            when 'redated' then 'redate'
            when 'retracted' then 'retract'
            when 'forgot' then 'forget'
        end as operation,
        case when codes_ranked.code is null then 'done' else 'quarantined' end as outcome,
        codes_ranked.code as error_code,
        loads.seconds,
        loads.landed as rows_landed,
        loads.landed_at as done_at
    from loads
    left join codes_ranked
        on loads.load_id = codes_ranked.load_id
        and codes_ranked.place = 1
    union all
    select
        act_key as operation_id,
        source_name,
        table_name,
        'discard' as operation,
        'done' as outcome,
        null as error_code,
        null as seconds,
        null as rows_landed,
        acted_at as done_at
    from acts
    where act = 'discarded'
    union all
    select
        object_name as operation_id,
        source_name,
        table_name,
        'refuse' as operation,
        'refused' as outcome,
        code as error_code,
        null as seconds,
        null as rows_landed,
        refused_at as done_at
    from refusals
    where not is_missing
    union all
    select
        run_id as operation_id,
        source_name,
        table_name,
        'freshness' as operation,
        status as outcome,
        case when status <> 'pass' then 'late' end as error_code,
        null as seconds,
        null as rows_landed,
        finished_at as done_at
    from freshness

)

select * from listed
