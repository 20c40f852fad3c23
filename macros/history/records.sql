{% macro record_of(name) %}
    {{ return(api.Relation.create(
        database=target.database,
        schema=generate_schema_name('snapshots', none) | trim,
        identifier=name,
        type='table'
    )) }}
{% endmacro %}


{% macro create_records() %}
    {#- compiling must not query an engine -#}
    {% if execute and flags.WHICH in ('build', 'run', 'snapshot', 'run-operation') %}
        {% do adapter.create_schema(taken_loads()) %}
        {% do run_query(create_taken_loads()) %}
        {% do run_query(create_history_sizes()) %}
        {% do run_query(create_changed_versions()) %}
        {% do run_query(create_built_days()) %}
    {% endif %}
{% endmacro %}


{% macro recorded_at() -%}
    {{ as_timestamp("'" ~ run_started_at.strftime('%Y-%m-%d %H:%M:%S') ~ "'") }}
{%- endmacro %}
