{# The first day of dim_dates: of all that is older, it would have no month. #}
{% macro calendar_start() -%}
    date '2000-01-01'
{%- endmacro %}


{% macro calendar_month(day) -%}
    greatest({{ month_start(day) }}, {{ calendar_start() }})
{%- endmacro %}
