{#
    Rows are wide, and nearly all are as they were the day before. So the query first reads only
    keys and hashes, and gathers them into stretches: loads in a row that have the same hash of a
    key. It reads the other columns at the end, only for the versions it has found. A stretch lasts
    from its first load until the next row of its key, or until the first full load after it that
    neither has the key nor withheld it (state_of). Stretches of one key that touch and have the
    same hash are one version, with the columns of their first row. Of several loads of one extract
    date only the result of the last counts, since a snapshot is taken after it.
#}
{% macro history_query(history) -%}
    {%- set contract = history.contract -%}
    {%- set in_order = 'partition by row_key order by first_load' -%}
    with loads as (

        select
            counted.*,
            max(load_number) over (partition by extract_date) as newest_of_day,
            -- each load is a bit in the number of its block of 60 loads
            load_number - mod(load_number, 60) as block,
            cast(power(2, mod(load_number, 60)) as bigint) as own_bit
        from ({{ counted_loads(contract) }}) as counted

    ),

    {{ closers_of_withheld(contract, 'loads') }},

    -- one row per key and load; a removal has no hash
    rows_said as (

        select
            row_key,
            {{ 'case when not is_removal then row_hash end as row_hash' if contract.removal
                else 'row_hash' }},
            load_id
        from ({{ said_rows_of(contract) }}) as said_rows

    ),

    -- the loads of a block that say the same of a key, as bits (docs/decisions/loads_as_bits.md)
    loads_saying as (

        select
            rows_said.row_key,
            rows_said.row_hash,
            loads.block,
            {{ all_bits('loads.own_bit') }} as load_bits
        from rows_said
        inner join loads
            on rows_said.load_id = loads.load_id
        group by rows_said.row_key, rows_said.row_hash, loads.block

    ),

    -- the first and the last load of each stretch
    stretch_edges as (

        select * from (
            select
                loads_saying.row_key,
                loads_saying.row_hash,
                loads_saying.block,
                loads.load_number,
                not {{ has_bit('loads_saying.load_bits', int_div('loads.own_bit', 2)) }}
                    as is_first,
                not {{ has_bit('loads_saying.load_bits', 'loads.own_bit * 2') }} as is_last
            from loads_saying
            inner join loads
                on loads_saying.block = loads.block
            where {{ has_bit('loads_saying.load_bits', 'loads.own_bit') }}
        ) as saying
        where is_first or is_last

    ),

    stretches as (

        select * from (
            select
                row_key,
                row_hash,
                is_first,
                load_number as first_load,
                case
                    when is_last then load_number
                    else lead(load_number) over (
                        partition by row_key, row_hash, block order by load_number
                    )
                end as last_load
            from stretch_edges
        ) as paired
        where is_first

    ),

    stretches_closed as (

        select
            stretches.row_key,
            stretches.row_hash,
            stretches.first_load,
            starts.extract_date as starts_on,
            -- the last row of the key that the snapshot of that day would see
            max(least(stretches.last_load, starts.newest_of_day)) over (
                partition by stretches.row_key, starts.extract_date
            ) as seen_load,
            case
                when closers_of_withheld.row_key is null then ends.closed_by
                else closers_of_withheld.closed_by
            end as closed_by
        from stretches
        inner join loads as starts
            on stretches.first_load = starts.load_number
        inner join loads as ends
            on stretches.last_load = ends.load_number
        left join closers_of_withheld
            on stretches.row_key = closers_of_withheld.row_key
            and stretches.last_load = closers_of_withheld.load_number

    ),

    stretches_in_order as (

        select
            *,
            lag(row_hash) over ({{ in_order }}) as hash_before,
            lag(closed_by) over ({{ in_order }}) as closed_before,
            lead(row_hash) over ({{ in_order }}) as hash_after,
            lead(first_load) over ({{ in_order }}) as load_after
        from stretches_closed

    ),

    -- of equal stretches in a row only the first and the last matter
    stretches_compared as (

        select
            *,
            coalesce(
                hash_before = row_hash
                and (closed_before is null or closed_before >= first_load),
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
        from stretches_in_order

    ),

    run_edges as (

        select
            *,
            case
                when will_go_on then lead(ends_with) over ({{ in_order }})
                else ends_with
            end as run_ends_with
        from stretches_compared
        where not goes_on or not will_go_on

    ),

    runs_dated as (

        select
            run_edges.row_key,
            run_edges.row_hash,
            run_edges.seen_load,
            run_edges.starts_on,
            ends.extract_date as ends_on
        from run_edges
        left join loads as ends
            on run_edges.run_ends_with = ends.load_number
        where not run_edges.goes_on
            and run_edges.row_hash is not null
            and (ends.extract_date > run_edges.starts_on or ends.extract_date is null)

    ),

    runs_marked as (

        select
            *,
            case
                when lag(ends_on) over (partition by row_key order by starts_on) = starts_on
                    and lag(row_hash) over (partition by row_key order by starts_on) = row_hash
                    then 0
                else 1
            end as is_first
        from runs_dated

    ),

    runs_numbered as (

        select
            *,
            sum(is_first) over (
                partition by row_key
                order by starts_on rows between unbounded preceding and current row
            ) as version_number
        from runs_marked

    ),

    versions as (

        select
            row_key,
            min(row_hash) as row_hash,
            min(starts_on) as starts_on,
            case when count(*) = count(ends_on) then max(ends_on) end as ends_on,
            min(seen_load) as seen_load
        from runs_numbered
        group by row_key, version_number

    ),

    versions_seen as (

        select
            versions.row_key,
            versions.row_hash,
            versions.starts_on,
            versions.ends_on,
            loads.load_id
        from versions
        inner join loads
            on versions.seen_load = loads.load_number

    )

    -- a version whose row is not found has no key, and history_faults refuses it
    select
        {{ prefixed(contract.columns, 'said_rows') }},
        versions_seen.row_hash,
        {{ version_id('said_rows.' ~ history.key, as_timestamp('versions_seen.starts_on')) }}
            as dbt_scd_id,
        {{ as_timestamp('versions_seen.starts_on') }} as dbt_updated_at,
        {{ as_timestamp('versions_seen.starts_on') }} as dbt_valid_from,
        {{ as_timestamp('versions_seen.ends_on') }} as dbt_valid_to
    from versions_seen
    left join ({{ said_rows_of(contract) }}) as said_rows
        on versions_seen.load_id = said_rows.load_id
        and versions_seen.row_key = said_rows.row_key
{%- endmacro %}
