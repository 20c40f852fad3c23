{#
    The loads that were taken are recorded. The versions do not tell them: a day without a change
    leaves no trace in them.
#}
{% macro taken_loads() %}{{ return(record_of('taken_loads')) }}{% endmacro %}


{% macro create_taken_loads() -%}
    {{ create_record_table(taken_loads(), {
        'snapshot_name': 'string',
        'load_id': 'string',
        'extract_date': 'date',
        'hash_definition': 'string',
        'taken_by': 'string',
        'taken_at': 'timestamp',
        'invocation_id': 'string',
    }) }}
{%- endmacro %}


{% macro record_statement(history, taken_by) %}
    insert into {{ taken_loads() }}
    select
        '{{ history.name }}' as snapshot_name,
        counted.load_id,
        counted.extract_date,
        '{{ history.definition }}' as hash_definition,
        '{{ taken_by }}' as taken_by,
        {{ recorded_at() }} as taken_at,
        '{{ invocation_id }}' as invocation_id
    from ({{ counted_loads(history.contract) }}) as counted
    left join {{ taken_loads() }} as taken
        on counted.load_id = taken.load_id
        and taken.snapshot_name = '{{ history.name }}'
    where taken.load_id is null
{% endmacro %}
