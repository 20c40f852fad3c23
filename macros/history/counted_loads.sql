{#
    Which loads of a table count, said here and nowhere else: committed, not retracted, of the
    newest generation, and with an extract date up to the cap. `load_number` is their order
    (docs/guides/history.md).

    Raw tables are never asked for their newest partition (that reads all of them), nor filtered by
    `in (select …)` (that prunes nothing on Athena): `read_only` bounds the partitions first, and
    the join with these loads decides.
#}
{% macro counted_loads(source_name, table_name) -%}
    select
        extract_date,
        load_id,
        load_number,
        kind,
        quarantined,
        unreadable_keys
    from {{ source('landfall', 'loads') }}
    where source_name = '{{ source_name }}'
        and table_name = '{{ table_name }}'
        and is_counted
        and extract_date <= {{ as_of() }}
{%- endmacro %}


{#
    The predicate that lets an engine read only the partitions it needs: literals where the runner
    handed over the loads that hold the state (the variable `loads`), else the first and last date
    of `reading` as scalar subqueries. It never decides which rows count: `reading` is joined on
    both partition columns as well.
#}
{% macro read_only(contract, reading) -%}
    {%- set pairs = var('loads').get(contract.source_name ~ '.' ~ contract.table_name) -%}
    {%- if pairs is none -%}
        raw_rows.extract_date >= (select min(extract_date) from {{ reading }})
            and raw_rows.extract_date <= (select max(extract_date) from {{ reading }})
    {%- elif not pairs -%}
        1 = 0
    {%- else -%}
        (
            {%- for extract_date, load_id in pairs %}
            {{ 'or ' if not loop.first }}(
                raw_rows.extract_date = date '{{ extract_date }}'
                and raw_rows.load_id = '{{ load_id }}'
            )
            {%- endfor %}
        )
    {%- endif -%}
{%- endmacro %}
