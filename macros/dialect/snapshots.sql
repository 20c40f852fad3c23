{#
    dbt's own snapshot macros, made to give the same cells on the three engines. dbt looks for one
    named after the adapter first, so each adapter has its branch, and all do the same.
#}

{# Time in history is the newest extract date under the cap, never the clock. #}
{% macro history_time() -%}
    {%- set raw = history_of(model).raw -%}
    {%- set newest -%}
        (select max(extract_date) from ({{ counted_loads(raw.source_name, raw.name) }}) as counted)
    {%- endset -%}
    {{ as_timestamp(newest) }}
{%- endmacro %}

{# DuckDB #}
{% macro duckdb__snapshot_get_time() -%}{{ history_time() }}{%- endmacro %}

{# Athena #}
{% macro athena__snapshot_get_time() -%}{{ history_time() }}{%- endmacro %}

{# Redshift #}
{% macro redshift__snapshot_get_time() -%}{{ history_time() }}{%- endmacro %}


{#
    A version's id: lower-case MD5 over its key and its time to the second. Each engine prints a
    time's decimals in its own way.
#}
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
