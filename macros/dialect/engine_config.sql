{#
    These settings can't be in YAML: dbt's deprecation check refuses keys that the current adapter
    does not know.
#}
{% macro engine_config(dist='auto', sort=[], partitioned_by=[]) %}
    {{ return(adapter.dispatch('engine_config')(dist, sort, partitioned_by)) }}
{% endmacro %}

{#
    DuckDB: a table is a table. dbt refuses a config() without any word, hence the one that says
    nothing new.
#}
{% macro default__engine_config(dist, sort, partitioned_by) %}
    {{ return({'enabled': true}) }}
{% endmacro %}

{#
    Athena: Iceberg always, because a Hive table is dropped before it is made anew; snappy, because
    Spectrum reads it too.
#}
{% macro athena__engine_config(dist, sort, partitioned_by) %}
    {% set settings = {
        'table_type': 'iceberg',
        'format': 'parquet',
        'write_compression': 'snappy',
    } %}
    {% if partitioned_by %}{% do settings.update({'partitioned_by': partitioned_by}) %}{% endif %}
    {{ return(settings) }}
{% endmacro %}

{# Redshift: distribution and sort keys. #}
{% macro redshift__engine_config(dist, sort, partitioned_by) %}
    {% set settings = {'dist': dist} %}
    {% if sort %}{% do settings.update({'sort': sort}) %}{% endif %}
    {{ return(settings) }}
{% endmacro %}
