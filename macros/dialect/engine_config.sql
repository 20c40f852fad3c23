{#
    These settings can't be in YAML: dbt's deprecation check refuses keys that the current adapter
    does not know.
#}
{% macro engine_config(dist='auto', sort=[]) %}
    {{ return(adapter.dispatch('engine_config')(dist, sort)) }}
{% endmacro %}

{#
    DuckDB needs no settings. dbt refuses an empty config(), so this one repeats a default.
#}
{% macro default__engine_config(dist, sort) %}
    {{ return({'enabled': true}) }}
{% endmacro %}

{#
    Athena: Iceberg always, because a Hive table is dropped before it is made anew; snappy, because
    Spectrum reads it too. A fact that the variable `partitioned_by_month` names is partitioned by
    the month of the column that it is sorted by: those above a gigabyte
    (docs/decisions/where_rows_lie.md).
#}
{% macro athena__engine_config(dist, sort) %}
    {% set settings = {
        'table_type': 'iceberg',
        'format': 'parquet',
        'write_compression': 'snappy',
    } %}
    {# a history is made in an operation, which has no `this` #}
    {% if sort and this is defined and this.identifier in var('partitioned_by_month') %}
        {% do settings.update({'partitioned_by': ['month(' ~ sort[0] ~ ')']}) %}
    {% endif %}
    {{ return(settings) }}
{% endmacro %}

{# A name in the variable without such a table would silently partition nothing. #}
{% macro refuse_unknown_facts() %}
    {% if execute %}
        {% set known = [] %}
        {% for node in graph.nodes.values() if node.resource_type == 'model' %}
            {% set months = (node.config.get('partitioned_by') or ['month()'])[0] %}
            {% set kind = (node.columns.get(months[6:-1]) or {}).get('data_type') %}
            {% if target.type != 'athena' or kind in ['date', 'timestamp'] %}
                {% do known.append(node.name) %}
            {% endif %}
        {% endfor %}
        {% for name in var('partitioned_by_month') if name not in known %}
            {% do exceptions.raise_compiler_error(
                'dbt_project.yml: vars.partitioned_by_month: ' ~ name
                ~ ' is not a model that is sorted by a day'
            ) %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{# Redshift: distribution and sort keys. #}
{% macro redshift__engine_config(dist, sort) %}
    {% set settings = {'dist': dist} %}
    {% if sort %}{% do settings.update({'sort': sort}) %}{% endif %}
    {{ return(settings) }}
{% endmacro %}
