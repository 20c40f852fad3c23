{#
    Every table that a contract names, delivered or not, as a select of literals. Read from dbt's
    graph, so a new contract needs nothing here. `full_load_folder` is where the full load lies that
    comes once, before a stream of changes (DMS), if one does; a table that `is_delivered_once` is a
    history.
#}
{% macro tables_of_contracts() -%}
    {%- set selects = [] -%}
    {%- if execute -%}
        {%- set delivered = graph.sources.values()
            | rejectattr('source_name', 'equalto', 'landfall') -%}
        {%- for node in delivered | sort(attribute='unique_id') -%}
            {%- set source_name = "'" ~ node.source_name ~ "' as source_name" -%}
            {%- set table_name = "'" ~ node.name ~ "' as table_name" -%}
            {%- set folders = [] -%}
            {%- set deliveries = node.config.meta.contract.deliveries -%}
            {%- for delivery in deliveries if '{load}' in delivery.path -%}
                {%- do folders.append("'" ~ delivery.path.split('{load}')[0] ~ "'") -%}
            {%- endfor -%}
            {%- set folder = folders[0] if folders else 'null' -%}
            {%- set once = node.config.meta.contract.delivered_once or false -%}
            {%- do selects.append(
                'select ' ~ source_name ~ ', ' ~ table_name
                ~ ', ' ~ (once | string | lower) ~ ' as is_delivered_once'
                ~ ', cast(' ~ folder ~ ' as varchar(1000)) as full_load_folder'
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set nothing = [
        "select '' as source_name, '' as table_name, false as is_delivered_once,"
        ~ ' cast(null as varchar(1000)) as full_load_folder'
    ] -%}
    {{ (selects or nothing) | join('\n    union all\n    ') }}
{%- endmacro %}
