{#
    Athena: the adapter's own macro, with another default. A Hive table is dropped before it is made
    anew, and a reader finds nothing meanwhile; so every table and history is Iceberg, also one that
    forgot to say so. Seeds and what a unit test makes for a moment stay Hive's.
#}
{% macro resolve_table_type() -%}
    {%- set own = 'iceberg' if model.resource_type in ('model', 'snapshot') else 'hive' -%}
    {{ return(config.get('table_type', default=own) | lower) }}
{%- endmacro %}
