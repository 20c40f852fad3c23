{#
    Where a model lives. The schemas are the warehouse's own rooms (`staging`, `clinic`,
    `restricted`, …) and readers rely on their names, so under the three targets of
    profiles.yml.example they are used exactly as they are written in dbt_project.yml. A developer's
    own target (any other name) gets the same rooms with the target's schema in front, and an as-of
    build on Athena or Redshift those of the variable `into`: neither can touch the live ones.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set own = target.name not in ['duckdb', 'athena', 'redshift'] -%}
    {%- set front = var('into') or (target.schema if own else '') -%}
    {%- set room = (custom_schema_name or ('' if own else target.schema)) | trim -%}
    {{ [front, room] | select | join('_') }}
{%- endmacro %}
