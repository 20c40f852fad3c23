-- Longer than usual: each thing that may be missing has its few lines.
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

misfits as (

    select * from {{ ref('int_misfits_counted') }}

),

refusals as (

    select * from {{ ref('stg_landfall__refusals') }}

),

run_nodes as (

    select * from {{ ref('run_nodes') }}
    where is_of_newest_run

),

missing as (

    select
        areas.area,
        {{ number_of('table_status.quarantined_rows', 'row') }} || ' of '
        || {{ table_in_words('table_status') }} || ' in quarantine' as what
    from areas
    inner join table_status
        on areas.source_name = table_status.source_name
    where table_status.quarantined_rows > 0
    union all
    select
        areas.area,
        {{ number_of('table_status.refused_objects', 'refused file') }} || ' of '
        || {{ table_in_words('table_status') }} as what
    from areas
    inner join table_status
        on areas.source_name = table_status.source_name
    where table_status.refused_objects > 0
    union all
    select
        areas.area,
        {{ number_of('misfits.rows_found', 'row') }} || ' of ' || {{ table_in_words('misfits') }}
        || case misfits.finding
            when 'below_minimum' then ' below the minimum of '
            else ' with an unknown '
        end
        || misfits.column_name as what
    from areas
    inner join misfits
        on areas.source_name = misfits.source_name
    union all
    select distinct
        areas.area,
        {{ table_in_words('refusals') }} || ' of '
        || coalesce(cast(refusals.extract_date as varchar(10)), 'an unknown day')
        || ' is missing, '
        || case refusals.code
            when 'retracted' then 'its load was retracted'
            when 'never_came' then 'its changes never came'
            else 'its file was discarded'
        end as what
    from areas
    inner join refusals
        on areas.source_name = refusals.source_name
    where refusals.is_missing
    union all
    select
        areas.area,
        {{ table_in_words('table_status') }} || ' is late, last of '
        || cast(table_status.newest_extract_date as varchar(10)) as what
    from areas
    inner join table_status
        on areas.source_name = table_status.source_name
    where table_status.is_late
    union all
    select distinct
        areas.area,
        {{ table_in_words('data_validations') }} || ' does not add up in '
        || data_validations.measure || ', at ' || data_validations.stage as what
    from areas
    inner join data_validations
        on areas.source_name = data_validations.source_name
    union all
    select
        area,
        case resource_type
            when 'source'
                then
                    {{ part_of('node', '.', 3) }} || '.' || {{ part_of('node', '.', 4) }}
                    || ' is older than its contract allows'
            else 'failed in the last run: ' || node
        end as what
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
