{#
    Athena: the adapter's own macro, with another default. A Hive table is dropped before it is made
    anew, and a reader finds nothing meanwhile; so every table and history is Iceberg, also one that
    forgot to say so. So is what a unit test makes for a moment: Hive's tables hold milliseconds
    only. Seeds stay Hive's.
#}
{% macro resolve_table_type() -%}
    {%- set own = 'hive' if model.resource_type == 'seed' else 'iceberg' -%}
    {{ return(config.get('table_type', default=own) | lower) }}
{%- endmacro %}
