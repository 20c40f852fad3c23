{#
    Where raw tables come from, before anything reads them.

    on-run-start: each source's schema is there, over the Glue database of the same name. The role
    that reads Glue and S3 is the cluster's default one, or LANDFALL_REDSHIFT_ROLE (an ARN).
#}
{% macro create_external_schemas() -%}
    {{ return(adapter.dispatch('create_external_schemas')()) }}
{%- endmacro %}

{# DuckDB, Athena: the lander keeps the catalogue that they read themselves. #}
{% macro default__create_external_schemas() -%}{%- endmacro %}

{# Redshift: one statement for each source. #}
{% macro redshift__create_external_schemas() -%}
    {%- set role = env_var('LANDFALL_REDSHIFT_ROLE', 'default') -%}
    {#- compiling asks nothing of any engine -#}
    {%- set connecting = [
        'build', 'run', 'snapshot', 'test', 'run-operation', 'source', 'freshness'
    ] -%}
    {%- if execute and flags.WHICH in connecting -%}
        {%- for schema in graph.sources.values() | map(attribute='schema') | unique | sort %}
            create external schema if not exists {{ schema }}
            from data catalog database '{{ schema }}'
            iam_role {{ role if role == 'default' else "'" ~ role ~ "'" }};
        {% endfor -%}
    {%- endif -%}
{%- endmacro %}
