{#
    The database of a DuckDB file is named by the file: a view that says it cannot be read in a copy
    of another name, or where the file is attached as something else.
#}
{% macro ref() -%}
    {{ return(adapter.dispatch('named')(builtins.ref(*varargs, **kwargs))) }}
{%- endmacro %}

{% macro source() -%}
    {{ return(adapter.dispatch('named')(builtins.source(*varargs))) }}
{%- endmacro %}

{% macro default__named(relation) -%}
    {{ return(relation) }}
{%- endmacro %}

{% macro duckdb__named(relation) -%}
    {{ return(relation.include(database=false)) }}
{%- endmacro %}
