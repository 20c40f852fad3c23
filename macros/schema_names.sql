{#
    The schemas are the warehouse's own rooms (`staging`, `clinic`, `restricted`, …) and readers
    rely on their names. Neither a developer's build nor an as-of build can touch the live ones.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set own = target.name not in ['duckdb', 'athena', 'redshift'] -%}
    {%- set front = var('into') or (target.schema if own else '') -%}
    {%- set room = (custom_schema_name or ('' if own else target.schema)) | trim -%}
    {{ [front, room] | select | join('_') }}
{%- endmacro %}
