{#
    What history was made from: one row per snapshot and load, in snapshots.taken_loads. What has
    been taken is recorded, never guessed from the versions: a day on which nothing changed leaves
    no trace in them.
#}
{% macro taken_loads() %}
    {{ return(api.Relation.create(
        database=target.database,
        schema=generate_schema_name('snapshots', none) | trim,
        identifier='taken_loads',
        type='table'
    )) }}
{% endmacro %}


{#
    on-run-start: the record is there before the first snapshot. Its columns are described in
    docs/guides/history.md.
#}
{% macro create_taken_loads() %}
    {#- compiling asks nothing of any engine -#}
    {% if execute and flags.WHICH in ('build', 'run', 'snapshot', 'run-operation') %}
        {% do adapter.create_schema(taken_loads()) %}
        {{ create_record_table(taken_loads(), {
            'snapshot_name': 'string',
            'load_id': 'string',
            'extract_date': 'date',
            'hash_definition': 'string',
            'taken_by': 'string',
            'taken_at': 'timestamp',
            'invocation_id': 'string',
        }) }}
    {% endif %}
{% endmacro %}


{#
    The statement that records every counted load up to the cap that is not recorded yet. `taken_by`
    is snapshot or backfill.
#}
{% macro record_statement(history, taken_by) %}
    insert into {{ taken_loads() }}
    select
        '{{ history.name }}' as snapshot_name,
        counted.load_id,
        counted.extract_date,
        '{{ history.definition }}' as hash_definition,
        '{{ taken_by }}' as taken_by,
        {{ as_timestamp("'" ~ run_started_at.strftime('%Y-%m-%d %H:%M:%S') ~ "'") }} as taken_at,
        '{{ invocation_id }}' as invocation_id
    from ({{ counted_loads(history.raw.source_name, history.raw.name) }}) as counted
    left join {{ taken_loads() }} as taken
        on counted.load_id = taken.load_id
        and taken.snapshot_name = '{{ history.name }}'
    where taken.load_id is null
{% endmacro %}


{# post-hook of every snapshot: within its transaction on DuckDB and Redshift. #}
{% macro record_taken() %}
    {% if execute %}{{ record_statement(history_of(model), 'snapshot') }}{% endif %}
{% endmacro %}
