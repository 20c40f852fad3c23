{#
    Every table that a contract names, delivered or not, as a select of literals. Read from dbt's
    graph, so a new contract needs nothing here.
#}
{% macro tables_of_contracts() -%}
    {%- set selects = [] -%}
    {%- if execute -%}
        {%- set delivered = graph.sources.values()
            | rejectattr('source_name', 'equalto', 'landfall') -%}
        {%- for node in delivered | sort(attribute='unique_id') -%}
            {%- set source_name = "'" ~ node.source_name ~ "' as source_name" -%}
            {%- set table_name = "'" ~ node.name ~ "' as table_name" -%}
            {%- do selects.append('select ' ~ source_name ~ ', ' ~ table_name) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set nothing = ["select '' as source_name, '' as table_name"] -%}
    {{ (selects or nothing) | join('\n    union all\n    ') }}
{%- endmacro %}


{#
    What of a raw table stands in a relation, load by load: its rows, and the sum of each of its
    amounts.

    amounts  {raw column: the relation's column}
    gives    source_name, table_name, load_id, measure ('rows' or the raw column), measured
#}
{% macro measures_of(source_name, table_name, relation, amounts={}) -%}
    select
        '{{ source_name }}' as source_name,
        '{{ table_name }}' as table_name,
        load_id,
        'rows' as measure,
        cast(count(*) as decimal(38, 4)) as measured
    from {{ relation }}
    group by load_id
    {%- for raw_column, column in amounts.items() %}
    union all
    select
        '{{ source_name }}' as source_name,
        '{{ table_name }}' as table_name,
        load_id,
        '{{ raw_column }}' as measure,
        cast(coalesce(sum({{ column }}), 0) as decimal(38, 4)) as measured
    from {{ relation }}
    group by load_id
    {%- endfor %}
{%- endmacro %}


{#
    The same of a mart, which does not say which load a row came with: one row per measure. `where`
    narrows the mart to the state.
#}
{% macro mart_measures_of(source_name, table_name, relation, amounts={}, where='1 = 1') -%}
    select
        '{{ source_name }}' as source_name,
        '{{ table_name }}' as table_name,
        'rows' as measure,
        cast(count(*) as decimal(38, 4)) as measured
    from {{ relation }}
    where {{ where }}
    {%- for raw_column, column in amounts.items() %}
    union all
    select
        '{{ source_name }}' as source_name,
        '{{ table_name }}' as table_name,
        '{{ raw_column }}' as measure,
        cast(coalesce(sum({{ column }}), 0) as decimal(38, 4)) as measured
    from {{ relation }}
    where {{ where }}
    {%- endfor %}
{%- endmacro %}
