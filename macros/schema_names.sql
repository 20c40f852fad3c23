{#
    Readers rely on the names of the published schemas (`staging`, `clinic`, `restricted`, …). A
    developer's build and an as-of build get names of their own, so that they cannot change these.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set is_developer = target.name not in ['duckdb', 'athena', 'redshift'] -%}
    {%- set prefix = var('into') or (target.schema if is_developer else '') -%}
    {%- set schema = (custom_schema_name or ('' if is_developer else target.schema)) | trim -%}
    {{ [prefix, schema] | select | join('_') }}
{%- endmacro %}
