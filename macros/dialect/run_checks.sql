{#
    What `python -m ingestion run` looks at around a build.
#}

{% macro restore_backups() -%}
    {{ return(adapter.dispatch('restore_backups')()) }}
{%- endmacro %}

{# DuckDB builds in a file of its own, Redshift in a transaction: a killed run leaves nothing. #}
{% macro default__restore_backups() -%}{%- endmacro %}

{#
    Athena: dbt renames the old table to x__bkp, then the new one to x, and drops x__bkp. If it is
    killed between the two, there is nothing called x, and the next build would take itself for the
    first.
#}
{% macro athena__restore_backups() -%}
    {% for node in graph.nodes.values() if node.resource_type in ['model', 'snapshot'] %}
        {% set relation = api.Relation.create(
            database=node.database, schema=node.schema, identifier=node.alias, type='table'
        ) %}
        {% set backup = relation.incorporate(path={'identifier': node.alias ~ '__bkp'}) %}
        {% if load_relation(backup) is not none and load_relation(relation) is none %}
            {% do run_query(
                'alter table ' ~ backup.render_hive() ~ ' rename to ' ~ relation.render_hive()
            ) %}
            {% do log(
                'restored ' ~ node.schema ~ '.' ~ node.alias ~ ' from what a killed run had put'
                ~ ' aside', info=true
            ) %}
        {% endif %}
    {% endfor %}
{%- endmacro %}


{#
    A view that binds late is not looked at when it is made, so a broken one fails only when it is
    read.
#}
{% macro read_every_view() -%}
    {{ return(adapter.dispatch('read_every_view')()) }}
{%- endmacro %}

{# DuckDB and Athena check a view when it is made. #}
{% macro default__read_every_view() -%}{%- endmacro %}

{#
    Redshift: all views bind late. Layer by layer, so that the view which is broken is named and not
    one that reads it.
#}
{% macro redshift__read_every_view() -%}
    {%- set views = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model')
        | selectattr('config.materialized', 'equalto', 'view') | list -%}
    {%- for layer in ['base', 'staging', 'intermediate', 'marts', 'restricted'] -%}
        {%- for node in views if node.fqn[1] == layer -%}
            {%- do log(node.unique_id, info=true) -%}
            {%- do run_query(
                'select count(*) from (select * from ' ~ node.schema ~ '.' ~ node.alias
                ~ ' limit 1) as a_row'
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}


{#
    Whatever dbt builds, by hand too, may be of another project or day than the record says: without
    the record, the next run builds everything. A run that publishes writes it anew.
#}
{% macro forget_what_was_built() -%}
    {%- if execute and flags.WHICH in ['build', 'run', 'seed', 'snapshot'] -%}
    {{ return(adapter.dispatch('forget_what_was_built')()) }}
    {%- endif -%}
{%- endmacro %}

{# Athena, Redshift: there is no record, and a run builds everything. #}
{% macro default__forget_what_was_built() -%}{%- endmacro %}

{% macro duckdb__forget_what_was_built() -%}
    drop table if exists raw_landfall.built_from
{%- endmacro %}
