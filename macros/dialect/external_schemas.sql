{% macro create_external_schemas() -%}
    {%- set asks = ['build', 'run', 'snapshot', 'test', 'run-operation', 'source', 'freshness'] -%}
    {#- compiling asks nothing of any engine -#}
    {%- if execute and flags.WHICH in asks -%}
        {%- for schema in graph.sources.values() | map(attribute='schema') | unique | sort -%}
            {{ external_schema(schema) }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{% macro external_schema(name) -%}
    {{ return(adapter.dispatch('external_schema')(name)) }}
{%- endmacro %}

{# DuckDB, Athena: they read the catalogue that the lander keeps. #}
{% macro default__external_schema(name) -%}{%- endmacro %}

{#
    Redshift: the role that reads Glue and S3 is the cluster's default one, or
    LANDFALL_REDSHIFT_ROLE (an ARN).
#}
{% macro redshift__external_schema(name) -%}
    {%- set role = env_var('LANDFALL_REDSHIFT_ROLE', 'default') -%}
    create external schema if not exists {{ name }}
    from data catalog database '{{ name }}'
    iam_role {{ role if role == 'default' else "'" ~ role ~ "'" }};
{% endmacro %}
