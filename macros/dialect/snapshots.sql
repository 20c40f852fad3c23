{#
    dbt's own snapshot macros, made to give the same cells on the three engines. dbt looks for one
    named after the adapter first, so each adapter has its branch, and all do the same.
#}

{% macro history_time() -%}
    {%- set contract = history_of(model).contract -%}
    {%- set newest -%}
        (select max(extract_date) from ({{ counted_loads(contract) }}) as counted)
    {%- endset -%}
    {{ as_timestamp(newest) }}
{%- endmacro %}

{# DuckDB #}
{% macro duckdb__snapshot_get_time() -%}{{ history_time() }}{%- endmacro %}

{#
    Athena: the same as a literal, asked for once in a snapshot. dbt writes the time in a dozen
    places of one statement, and Athena would read the loads for each. A result that is loaded is
    gone, so it is stored again.
#}
{% macro athena__snapshot_get_time() -%}
    {%- set stored = load_result('history_time') -%}
    {%- set asked = stored.table if stored
        else run_query('select ' ~ as_text('cast(' ~ history_time() ~ ' as date)')) -%}
    {%- do store_result('history_time', 'OK', asked) -%}
    {%- set newest = asked.rows[0][0] -%}
    {{ as_timestamp("date '" ~ newest ~ "'" if newest else 'null') }}
{%- endmacro %}

{# Redshift #}
{% macro redshift__snapshot_get_time() -%}{{ history_time() }}{%- endmacro %}


{# To the second, as each engine prints a time's decimals in its own way. #}
{% macro version_id(key, time) -%}
    {{ text_hash(
        'coalesce(' ~ as_text(key) ~ ", '') || '|' || coalesce(" ~ ts_text(time) ~ ", '')"
    ) }}
{%- endmacro %}

{# DuckDB #}
{% macro duckdb__snapshot_hash_arguments(args) -%}
    {{ version_id(args[0], args[1]) }}
{%- endmacro %}

{# Athena #}
{% macro athena__snapshot_hash_arguments(args) -%}
    {{ version_id(args[0], args[1]) }}
{%- endmacro %}

{# Redshift #}
{% macro redshift__snapshot_hash_arguments(args) -%}
    {{ version_id(args[0], args[1]) }}
{%- endmacro %}


{% macro held_rows(relation, query) -%}
    {{ return(adapter.dispatch('held_rows')(relation, query)) }}
{%- endmacro %}

{# DuckDB, Redshift: the query itself; what they name twice in a statement they compute once. #}
{% macro default__held_rows(relation, query) -%}
    {{ return('(' ~ query ~ ')') }}
{%- endmacro %}

{#
    Athena computes a query as often as a statement names it, and reads the raw tables anew for
    each: so the rows are a table beside the history, which snapshot_staging_table reads too.
#}
{% macro athena__held_rows(relation, query) -%}
    {%- set held = rows_beside(relation) -%}
    {% do build_beside(held, query) %}
    {{ return(held) }}
{%- endmacro %}

{% macro rows_beside(relation) %}
    {{ return(relation.incorporate(path={'identifier': relation.identifier ~ '__rows'})) }}
{% endmacro %}

{# Athena: dbt's own comparison, over the rows that are held. #}
{% macro athena__snapshot_staging_table(strategy, source_sql, target_relation) -%}
    {{ default__snapshot_staging_table(
        strategy, 'select * from ' ~ rows_beside(target_relation), target_relation
    ) }}
{%- endmacro %}


{% macro let_go(relation) -%}
    {{ return(adapter.dispatch('let_go')(relation)) }}
{%- endmacro %}

{# DuckDB, Redshift: there is nothing. #}
{% macro default__let_go(relation) -%}{%- endmacro %}

{# Athena: the table goes. #}
{% macro athena__let_go(relation) -%}
    {% do run_query('drop table if exists ' ~ rows_beside(relation).render_hive()) %}
{%- endmacro %}
