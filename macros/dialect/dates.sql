{#
    Dates. Functions that turn a date into a timestamp on one engine and not on another are cast
    back to a date here, and differences count calendar days, never 24-hour spans.
#}

{# Whole calendar days from `first` to `second`; negative when `second` is earlier. #}
{% macro days_between(first, second) -%}
    {{ dbt.datediff('cast(' ~ first ~ ' as date)', 'cast(' ~ second ~ ' as date)', 'day') }}
{%- endmacro %}

{# The date `days` days after `value`; `days` is a number or an integer expression. #}
{% macro add_days(value, days) -%}
    cast({{ dbt.dateadd('day', days, 'cast(' ~ value ~ ' as date)') }} as date)
{%- endmacro %}

{# The first day of the month. #}
{% macro month_start(value) -%}
    cast({{ dbt.date_trunc('month', 'cast(' ~ value ~ ' as date)') }} as date)
{%- endmacro %}

{# The last day of the month. #}
{% macro month_end(value) -%}
    cast({{ dbt.last_day('cast(' ~ value ~ ' as date)', 'month') }} as date)
{%- endmacro %}
