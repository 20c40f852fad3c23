{#
    The cap of everything: only loads with an extract date up to this day exist. The default lets
    all pass; each area is then as of its newest extract (int_as_of_dates), which is what reports
    count from. No model reads the clock.
#}
{% macro as_of() -%}
    {%- set day = var('as_of') | string -%}
    {%- if not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', day) -%}
        {%- do exceptions.raise_compiler_error(
            'The variable as_of is not a date: write it as YYYY-MM-DD'
        ) -%}
    {%- endif -%}
    date '{{ day }}'
{%- endmacro %}
