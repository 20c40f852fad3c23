{#
    What is known of the histories beside themselves, in the schema `snapshots`: which loads each
    was made from (taken_loads), how large it was after each of them (history_sizes), and which
    versions a backfill changed (changed_versions). Their columns are described in
    docs/guides/history.md.
#}
{% macro record_of(name) %}
    {{ return(api.Relation.create(
        database=target.database,
        schema=generate_schema_name('snapshots', none) | trim,
        identifier=name,
        type='table'
    )) }}
{% endmacro %}


{# on-run-start: the records are there before the first snapshot. #}
{% macro create_records() %}
    {#- compiling asks nothing of any engine -#}
    {% if execute and flags.WHICH in ('build', 'run', 'snapshot', 'run-operation') %}
        {% do adapter.create_schema(taken_loads()) %}
        {% do run_query(create_taken_loads()) %}
        {% do run_query(create_history_sizes()) %}
        {% do run_query(create_changed_versions()) %}
    {% endif %}
{% endmacro %}


{# When a record was written, UTC: the start of dbt's run. #}
{% macro recorded_at() -%}
    {{ as_timestamp("'" ~ run_started_at.strftime('%Y-%m-%d %H:%M:%S') ~ "'") }}
{%- endmacro %}
