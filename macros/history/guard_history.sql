{#
    Daily snapshots add and close versions. They remove none, so the first day stays. A backfill may
    remove some, and therefore starts this record again.
#}
{% macro history_sizes() %}{{ return(record_of('history_sizes')) }}{% endmacro %}


{% macro create_history_sizes() -%}
    {{ create_record_table(history_sizes(), {
        'snapshot_name': 'string',
        'versions': 'bigint',
        'first_valid_from': 'timestamp',
        'recorded_at': 'timestamp',
        'invocation_id': 'string',
    }) }}
{%- endmacro %}


{% macro size_statement(history, relation) %}
    insert into {{ history_sizes() }}
    select
        '{{ history.name }}' as snapshot_name,
        measured.versions,
        measured.first_valid_from,
        {{ recorded_at() }} as recorded_at,
        '{{ invocation_id }}' as invocation_id
    from (
        select count(*) as versions, min(dbt_valid_from) as first_valid_from from {{ relation }}
    ) as measured
    left join {{ history_sizes() }} as known
        on known.snapshot_name = '{{ history.name }}'
        and measured.versions = known.versions
    where known.versions is null
{% endmacro %}


{# Without this, dbt's snapshot would continue on a history that lost rows, and report success. #}
{% macro guard_history(history) %}
    {% set query %}
        select
            (select max(versions) from {{ history_sizes() }}
                where snapshot_name = '{{ history.name }}') as versions_before,
            (select count(*) from {{ history.relation }}) as versions_now,
            (select count(*) from {{ history_sizes() }}
                where snapshot_name = '{{ history.name }}'
                    and first_valid_from
                        < (select min(dbt_valid_from) from {{ history.relation }})) as begins_later
    {% endset %}
    {% set found = run_query(query).rows[0] %}
    {% set before, now = found['versions_before'] | int, found['versions_now'] | int %}
    {% set faults = [] %}
    {% if now < before %}
        {% do faults.append('it has ' ~ now ~ ' versions and had ' ~ before) %}
    {% elif found['begins_later'] | int > 0 %}
        {% do faults.append('it begins later than it did') %}
    {% endif %}
    {% if faults %}
        {{ refuse_history(
            history,
            faults[0] ~ ', which no snapshot does: something else removed rows. Build it again'
            ~ ' from the extracts, with `python -m ingestion run --full-refresh` or'
            ~ " `dbt run-operation backfill_history --args '{full_refresh: true}'`"
        ) }}
    {% endif %}
{% endmacro %}


{% macro record_taken() %}
    {% if execute %}
        {% set history = history_of(model) %}
        {{ let_go(history.relation) }}
        {% do guard_history(history) %}
        {% do run_query(size_statement(history, history.relation)) %}
        {{ record_statement(history, 'snapshot') }}
    {% endif %}
{% endmacro %}
