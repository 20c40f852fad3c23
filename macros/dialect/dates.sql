{#
    Dates. Functions that turn a date into a timestamp on one engine and not on another are cast
    back to a date here, and differences count calendar days, never 24-hour spans.
#}

{% macro days_between(first, second) -%}
    {{ dbt.datediff('cast(' ~ first ~ ' as date)', 'cast(' ~ second ~ ' as date)', 'day') }}
{%- endmacro %}

{# Cut first: of finer times Trino counts spans and the others the beginnings of seconds. #}
{% macro seconds_between(first, second) -%}
    {{ dbt.datediff(dbt.date_trunc('second', first), dbt.date_trunc('second', second), 'second') }}
{%- endmacro %}

{% macro add_days(value, days) -%}
    cast({{ dbt.dateadd('day', days, 'cast(' ~ value ~ ' as date)') }} as date)
{%- endmacro %}

{% macro month_start(value) -%}
    cast({{ dbt.date_trunc('month', 'cast(' ~ value ~ ' as date)') }} as date)
{%- endmacro %}

{% macro month_end(value) -%}
    cast({{ dbt.last_day('cast(' ~ value ~ ' as date)', 'month') }} as date)
{%- endmacro %}


{% macro business_time(value) -%}
    {{ return(adapter.dispatch('business_time')(value)) }}
{%- endmacro %}

{# Redshift: one function, from zone to zone. #}
{% macro default__business_time(value) -%}
    convert_timezone('UTC', '{{ var("business_time_zone") }}', {{ value }})
{%- endmacro %}

{# DuckDB: the instant with its zone, then the clock of the other one. #}
{% macro duckdb__business_time(value) -%}
    timezone('{{ var("business_time_zone") }}', timezone('UTC', {{ value }}))
{%- endmacro %}

{# Athena: the same, and the zone is cast away. #}
{% macro athena__business_time(value) -%}
    {{ as_timestamp(
        "at_timezone(with_timezone(" ~ as_timestamp(value) ~ ", 'UTC'), '"
        ~ var('business_time_zone') ~ "')"
    ) }}
{%- endmacro %}

{#
    Instants are UTC without saying so: a cast alone would give the day in Greenwich, which in New
    York is the next one from the evening on.
#}
{% macro business_day(value) -%}
    cast({{ business_time(value) }} as date)
{%- endmacro %}

{% macro last_business_day(end) -%}
    {{ business_day(dbt.dateadd('second', -1, end)) }}
{%- endmacro %}
