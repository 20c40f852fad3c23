{#
    dbt itself would report success for each of these: a duplicate key leaves two open versions for
    ever, a null key adds a version in each run, an empty table closes every version.
#}
{% macro gate_history() %}
    {% if execute %}
        {% set history = history_of(model) %}
        {% set next = history_step(history) %}
        {% if next.step == 'backfill' %}
            {{ refuse_history(
                history,
                next.why
                ~ '. Run `python -m ingestion run`, or `dbt run-operation backfill_history`:'
                ~ ' it builds the history again, or says why not'
            ) }}
        {% elif next.step == 'refuse' %}
            {{ refuse_history(history, next.why) }}
        {% endif %}
        {% if load_relation(history.relation) is not none %}
            {% do guard_history(history) %}
        {% endif %}
        {{ gate_rows(history, held_rows(history.relation, model.compiled_code)) }}
    {% endif %}
{% endmacro %}


{% macro gate_rows(history, rows_given) %}
    {% set query %}
        select
            count(*) as rows_given,
            count({{ history.key }}) as keys_given,
            count(distinct {{ history.key }}) as keys_apart
        from {{ rows_given }} as given
    {% endset %}
    {% set given = run_query(query).rows[0] %}
    {% set rows, keys = given['rows_given'] | int, given['keys_given'] | int %}
    {% set twice = keys - given['keys_apart'] | int %}
    {% if keys < rows %}
        {% set wrong = 'rows without a key: ' ~ (rows - keys) %}
        {{ refuse_history(history, wrong ~ '. Correct ' ~ history.base_name) }}
    {% elif twice > 0 %}
        {% set wrong = 'keys that occur twice: ' ~ twice %}
        {{ refuse_history(history, wrong ~ '. Correct ' ~ history.base_name) }}
    {% endif %}
    {% if load_relation(history.relation) is not none and not history.contract.may_be_empty %}
        {{ gate_floor(history, rows) }}
    {% endif %}
{% endmacro %}


{% macro gate_floor(history, rows) %}
    {% set open = count_rows(history.relation, 'dbt_valid_to is null') %}
    {% set newest = newest_load(history) if far_fewer(history.contract, rows, open) else none %}
    {% if newest and not newest.is_released %}
        {{ refuse_history(
            history,
            'only ' ~ rows ~ ' rows where ' ~ open ~ ' were. If that is right,'
            ~ ' `python -m ingestion run --release ' ~ newest.load_id ~ '` (dbt: the variable'
            ~ ' `release`); if not, retract that load'
        ) }}
    {% endif %}
{% endmacro %}


{# The lander refuses an extract without rows by a rule of its own: here it is beside the floor. #}
{% macro far_fewer(contract, rows, before) %}
    {{ return(is_below_floor(contract, rows, before) or (rows == 0 and before > 0)) }}
{% endmacro %}


{#
    The lander's rule, RowFloor.is_broken_by in ingestion/contract/model.py: one compares extracts,
    the other the rows of a history. A test calls both.
#}
{% macro is_below_floor(contract, rows, before) %}
    {{ return(
        rows < before * contract.floor_share and before - rows > contract.floor_rows
    ) }}
{% endmacro %}


{% macro newest_load(history) %}
    {% set query %}
        select load_id, warnings
        from {{ ref('base_landfall__loads') }}
        where source_name = '{{ history.contract.source_name }}'
            and table_name = '{{ history.contract.table_name }}'
            and is_counted
            and extract_date <= {{ as_of() }}
        order by load_number desc
        limit 1
    {% endset %}
    {% set newest = run_query(query).rows | first %}
    {% if not newest %}{{ return({'load_id': 'ID', 'is_released': false}) }}{% endif %}
    {{ return({
        'load_id': newest['load_id'],
        'is_released': newest['load_id'] == var('release')
            or '"row_floor"' in (newest['warnings'] or ''),
    }) }}
{% endmacro %}


{% macro refuse_history(history, why) %}
    {% do exceptions.raise_compiler_error(history.name ~ ' is left as it is: ' ~ why ~ '.') %}
{% endmacro %}
