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
