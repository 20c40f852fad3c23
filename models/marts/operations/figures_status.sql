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

-- since a newer full extract a table's state is that one's: only the histories lack the day
dated as (

    select
        refusals.source_name,
        refusals.table_name,
        refusals.code,
        refusals.is_missing,
        refusals.extract_date,
        coalesce(refusals.extract_date < table_status.state_begins_on, false) as is_of_past
    from refusals
    left join table_status
        on refusals.source_name = table_status.source_name
        and refusals.table_name = table_status.table_name

),

refused as (

    select
        source_name,
        table_name,
        is_of_past,
        count(*) as files,
        min(extract_date) as first_day,
        max(extract_date) as last_day
    from dated
    where not is_missing and table_name is not null
    group by source_name, table_name, is_of_past, extract_date is null

),

run_nodes as (

    select * from {{ ref('run_nodes') }}
    where is_of_newest_run

),

missing as (

    select
        areas.area,
        false as is_of_past,
        {{ number_of('table_status.quarantined_rows', 'row') }} || ' of '
        || {{ table_in_words('table_status') }} || ' in quarantine' as what
    from areas
    inner join table_status
        on areas.source_name = table_status.source_name
    where table_status.quarantined_rows > 0
    union all
    select
        areas.area,
        refused.is_of_past,
        {{ number_of('refused.files', 'refused file') }} || ' of '
        || {{ table_in_words('refused') }}
        || coalesce(' of ' || cast(refused.first_day as varchar(10)), '')
        || case
            when refused.last_day > refused.first_day
                then ' to ' || cast(refused.last_day as varchar(10))
            else ''
        end as what
    from areas
    inner join refused
        on areas.source_name = refused.source_name
    union all
    select
        areas.area,
        false as is_of_past,
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
        dated.is_of_past,
        {{ table_in_words('dated') }} || ' of '
        || coalesce(cast(dated.extract_date as varchar(10)), 'an unknown day')
        || ' is missing, '
        || case dated.code
            when 'retracted' then 'its load was retracted'
            when 'never_came' then 'its changes never came'
            else 'its file was discarded'
        end as what
    from areas
    inner join dated
        on areas.source_name = dated.source_name
    where dated.is_missing
    union all
    select
        areas.area,
        false as is_of_past,
        {{ table_in_words('table_status') }} || ' is late, last of '
        || cast(table_status.newest_extract_date as varchar(10)) as what
    from areas
    inner join table_status
        on areas.source_name = table_status.source_name
    where table_status.is_late
    union all
    select distinct
        areas.area,
        false as is_of_past,
        {{ table_in_words('data_validations') }} || ' does not add up in '
        || data_validations.measure || ', at ' || data_validations.stage as what
    from areas
    inner join data_validations
        on areas.source_name = data_validations.source_name
    union all
    select
        area,
        false as is_of_past,
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
        is_of_past,
        count(*) as things_missing,
        {{ list_of('what', 'what') }} as what
    from missing
    group by area, is_of_past

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
        said_of_past.what as past_days_missing,

        -- amounts
        coalesce(said.things_missing, 0) as things_missing,

        -- times
        as_of_dates.as_of_date
    from as_of_dates
    left join said
        on as_of_dates.area = said.area
        and not said.is_of_past
    left join said as said_of_past
        on as_of_dates.area = said_of_past.area
        and said_of_past.is_of_past

)

select * from judged
