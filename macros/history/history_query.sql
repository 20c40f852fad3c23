{#
    The whole history of a snapshot as one query over all extracts: the same rows, columns and types
    that `dbt snapshot` would have made day by day.

    A row of a load holds from that load until the next row of its key, or until the first full load
    that neither has the key nor withheld it (state_of). That is an interval of loads. Intervals of
    one key that touch and have one hash are one version, with the columns of their first row. What
    changes within one extract date is seen only as it was at its end, since that is when a snapshot
    looks.
#}
{% macro history_query(history) -%}
    {%- set raw, contract = history.raw, history.contract -%}
    {%- set in_order = 'partition by row_key order by load_number, source_row' -%}
    with loads as (

        {{ counted_loads(raw.source_name, raw.name) }}

    ),

    withheld_by_name as (

        select distinct
            quarantined_rows.row_key,
            loads.load_number
        from {{ source('landfall', 'quarantined_rows') }} as quarantined_rows
        inner join loads
            on quarantined_rows.load_id = loads.load_id
        where quarantined_rows.source_name = '{{ raw.source_name }}'
            and quarantined_rows.table_name = '{{ raw.name }}'
            and loads.kind = 'full'
            and loads.unreadable_keys = 0

    ),

    -- which full load ends what was there before, where no row of the key was withheld
    closers as (

        select
            load_number,
            load_id,
            extract_date,
            min(case when kind = 'full' and unreadable_keys = 0 then load_number end) over (
                order by load_number rows between 1 following and unbounded following
            ) as closed_by
        from loads

    ),

    -- the same for the few keys of which some row was
    closers_of_withheld as (

        select
            withheld_keys.row_key,
            loads.load_number,
            min(
                case
                    when loads.kind = 'full'
                        and loads.unreadable_keys = 0
                        and withheld_by_name.row_key is null
                        then loads.load_number
                end
            ) over (
                partition by withheld_keys.row_key
                order by loads.load_number rows between 1 following and unbounded following
            ) as closed_by
        from (select distinct row_key from withheld_by_name) as withheld_keys
        cross join loads
        left join withheld_by_name
            on withheld_keys.row_key = withheld_by_name.row_key
            and loads.load_number = withheld_by_name.load_number

    ),

    every_row as (

        {{ hashed(history, 'every_row_of') }}

    ),

    events as (

        select
            {{ as_text('every_row.' ~ history.key) }} as row_key,
            every_row.load_id,
            every_row.source_row,
            every_row.row_hash,
            closers.load_number,
            closers.extract_date,
            closers.closed_by
        from every_row
        inner join closers
            on every_row.load_id = closers.load_id
        {%- if contract.removes %}
        union all
        select
            {{ row_key(contract.key, 'removals') }} as row_key,
            removals.load_id,
            removals._source_row as source_row,
            cast(null as varchar(32)) as row_hash,
            removals.load_number,
            removals.extract_date,
            cast(null as bigint) as closed_by
        from ({{ removals_of(contract) }}) as removals
        {%- endif %}

    ),

    closed as (

        select
            events.row_key,
            events.load_id,
            events.source_row,
            events.row_hash,
            events.load_number,
            case
                when closers_of_withheld.row_key is null then events.closed_by
                else closers_of_withheld.closed_by
            end as closed_by
        from events
        left join closers_of_withheld
            on events.row_key = closers_of_withheld.row_key
            and events.load_number = closers_of_withheld.load_number

    ),

    beside as (

        select
            *,
            lag(row_hash) over ({{ in_order }}) as hash_before,
            lag(closed_by) over ({{ in_order }}) as closed_before,
            lead(row_hash) over ({{ in_order }}) as hash_after,
            lead(load_number) over ({{ in_order }}) as load_after
        from closed

    ),

    -- of a run of equal rows only the first and the last matter
    bounds as (

        select
            *,
            coalesce(
                hash_before = row_hash
                and (closed_before is null or closed_before >= load_number),
                false
            ) as goes_on,
            coalesce(
                hash_after = row_hash
                and (closed_by is null or closed_by >= load_after),
                false
            ) as will_go_on,
            case
                when closed_by is null or load_after < closed_by then load_after
                else closed_by
            end as ends_with
        from beside

    ),

    runs as (

        select
            *,
            case
                when will_go_on then lead(ends_with) over ({{ in_order }})
                else ends_with
            end as run_ends_with
        from bounds
        where not goes_on or not will_go_on

    ),

    dated as (

        select
            runs.row_key,
            runs.load_id,
            runs.source_row,
            runs.row_hash,
            starts.extract_date as starts_on,
            ends.extract_date as ends_on
        from runs
        inner join loads as starts
            on runs.load_number = starts.load_number
        left join loads as ends
            on runs.run_ends_with = ends.load_number
        where not runs.goes_on
            and runs.row_hash is not null
            and (ends.extract_date > starts.extract_date or ends.extract_date is null)

    ),

    marked as (

        select
            *,
            case
                when lag(ends_on) over (partition by row_key order by starts_on) = starts_on
                    and lag(row_hash) over (partition by row_key order by starts_on) = row_hash
                    then 0
                else 1
            end as is_first
        from dated

    ),

    numbered as (

        select
            *,
            sum(is_first) over (
                partition by row_key
                order by starts_on rows between unbounded preceding and current row
            ) as version_number
        from marked

    ),

    spans as (

        select
            row_key,
            version_number,
            min(starts_on) as starts_on,
            case when count(*) = count(ends_on) then max(ends_on) end as ends_on
        from numbered
        group by row_key, version_number

    ),

    -- a snapshot looks at the end of the day: the version's columns are those of the day's last row
    rows_seen as (

        select
            spans.starts_on,
            spans.ends_on,
            events.load_id,
            events.source_row,
            row_number() over (
                partition by spans.row_key, spans.version_number
                order by events.load_number desc, events.source_row desc
            ) as place
        from spans
        inner join events
            on spans.row_key = events.row_key
            and spans.starts_on = events.extract_date

    )

    select
        every_row.*,
        {{ version_id('every_row.' ~ history.key, as_timestamp('rows_seen.starts_on')) }}
            as dbt_scd_id,
        {{ as_timestamp('rows_seen.starts_on') }} as dbt_updated_at,
        {{ as_timestamp('rows_seen.starts_on') }} as dbt_valid_from,
        {{ as_timestamp('rows_seen.ends_on') }} as dbt_valid_to
    from rows_seen
    inner join every_row
        on rows_seen.load_id = every_row.load_id
        and rows_seen.source_row = every_row.source_row
    where rows_seen.place = 1
{%- endmacro %}


{# The snapshot's own query, its state replaced by what `reader` reads. #}
{% macro hashed(history, reader) -%}
    {%- set call = "staged('" ~ history.staging ~ "'" -%}
    {{ render(history.snapshot.raw_code.replace(call, call ~ ", '" ~ reader ~ "'")) }}
{%- endmacro %}
