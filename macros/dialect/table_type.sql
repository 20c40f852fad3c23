{#
    A Hive table is dropped before it is made anew, and a reader finds nothing meanwhile. It also
    holds milliseconds only, too few for the rows of a unit test.
#}
{% macro resolve_table_type() -%}
    {%- set own = 'hive' if model.resource_type == 'seed' else 'iceberg' -%}
    {{ return(config.get('table_type', default=own) | lower) }}
{%- endmacro %}
