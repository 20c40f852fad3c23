with areas as (

    select * from {{ ref('areas') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

table_status as (

    select * from {{ ref('table_status') }}

),

data_validations as (

    select * from {{ ref('data_validations') }}
    where verdict = 'differs'

),

run_nodes as (

    select * from {{ ref('run_nodes') }}
    where is_of_newest_run

),

missing as (

    select
        areas.area,
        cast(table_status.quarantined_rows as varchar(20)) || ' rows of '
        || table_status.table_name || ' in quarantine' as what
    from areas
    inner join table_status
        on areas.source_name = table_status.source_name
    where table_status.quarantined_rows > 0
    union all
    select
        areas.area,
        cast(table_status.refused_objects as varchar(20)) || ' refused files of '
        || table_status.table_name as what
    from areas
    inner join table_status
        on areas.source_name = table_status.source_name
    where table_status.refused_objects > 0
    union all
    select
        areas.area,
        table_status.table_name || ' is late, last of '
        || cast(table_status.newest_extract_date as varchar(10)) as what
    from areas
    inner join table_status
        on areas.source_name = table_status.source_name
    where table_status.is_late
    union all
    select distinct
        areas.area,
        data_validations.table_name || ' does not add up in ' || data_validations.measure
        || ', at ' || data_validations.stage as what
    from areas
    inner join data_validations
        on areas.source_name = data_validations.source_name
    union all
    select
        area,
        'failed in the last run: ' || node as what
    from run_nodes
    where status in ('fail', 'error', 'runtime error')
        and area is not null

),

said as (

    select
        area,
        count(*) as things_missing,
        {{ list_of('what', 'what') }} as what
    from missing
    group by area

),

judged as (

    select
        -- keys
        as_of_dates.area,

        -- attributes
        said.area is null and as_of_dates.as_of_date is not null as is_complete,
        case
            when as_of_dates.as_of_date is null then 'nothing: no extract has been landed yet'
            when said.area is null then 'complete'
            else 'incomplete: ' || said.what
        end as verdict,

        -- amounts
        coalesce(said.things_missing, 0) as things_missing,

        -- times
        as_of_dates.as_of_date
    from as_of_dates
    left join said
        on as_of_dates.area = said.area

)

select * from judged
