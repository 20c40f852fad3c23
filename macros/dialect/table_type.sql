{#
    A Hive table is dropped before it is made anew, and a reader finds nothing meanwhile. It also
    holds milliseconds only, too few for the rows of a unit test; and in a workgroup that says where
    results go, the rows of a seed would lie among them, and expire as they do.
#}
{% macro resolve_table_type() -%}
    {{ return(config.get('table_type', default='iceberg') | lower) }}
{%- endmacro %}
