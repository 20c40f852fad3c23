{#
    No query asks a raw table for its newest partition, which reads all of them, nor filters it by
    `in (select …)`, by which Athena prunes nothing. `read_only` limits the partitions, and the join
    with these loads decides.
#}
{% macro counted_loads(contract) -%}
    select
        extract_date,
        load_id,
        load_number,
        kind,
        quarantined,
        unreadable_keys,
        -- the newest load up to the cap tells the first load of the state
        load_number >= max(state_from) over () as holds_state,
        -- a load beyond the cap has not closed anything yet
        case when closed_by <= max(load_number) over () then closed_by end as closed_by
    from {{ ref('base_landfall__loads') }}
    where source_name = '{{ contract.source_name }}'
        and table_name = '{{ contract.table_name }}'
        and is_counted
        and extract_date <= {{ as_of() }}
{%- endmacro %}


{% macro handed_over(contract) %}
    {{ return(var('loads').get(contract.source_name ~ '.' ~ contract.table_name)) }}
{% endmacro %}


{% macro literal_loads(loads) -%}
    {%- for load in loads %}
    select
        date '{{ load.extract_date }}' as extract_date,
        '{{ load.load_id }}' as load_id,
        cast({{ load.load_number }} as bigint) as load_number,
        '{{ load.kind }}' as kind,
        cast({{ load.quarantined }} as bigint) as quarantined,
        cast({{ load.unreadable_keys }} as bigint) as unreadable_keys,
        true as holds_state,
        cast({{ 'null' if load.closed_by is none else load.closed_by }} as bigint) as closed_by
    {{- '\n    union all' if not loop.last }}
    {%- else %}
    select
        cast(null as date) as extract_date,
        '' as load_id,
        cast(0 as bigint) as load_number,
        '' as kind,
        cast(0 as bigint) as quarantined,
        cast(0 as bigint) as unreadable_keys,
        true as holds_state,
        cast(null as bigint) as closed_by
    where 1 = 0
    {%- endfor %}
{%- endmacro %}


{# A query for the loads of a table: those that were handed over, or all that count. #}
{% macro loads_known(contract, given) -%}
    {{ counted_loads(contract) if given is none else literal_loads(given) }}
{%- endmacro %}


{% macro read_only(loads, reading) -%}
    {%- if loads is none -%}
        raw_rows.extract_date >= (select min(extract_date) from {{ reading }})
            and raw_rows.extract_date <= {{ as_of() }}
    {%- elif not loads -%}
        1 = 0
    {%- else -%}
        (
            {%- for load in loads %}
            {{ 'or ' if not loop.first }}(
                raw_rows.extract_date = date '{{ load.extract_date }}'
                and raw_rows.load_id = '{{ load.load_id }}'
            )
            {%- endfor %}
        )
    {%- endif -%}
{%- endmacro %}


{% macro number_of_full_load() -%}
    coalesce(
            max(case when is_counted and kind = 'full' then load_number end) over (
                partition by source_name, table_name
            ),
            0
        )
{%- endmacro %}
