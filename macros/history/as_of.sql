{% macro as_of() -%}
    {%- set day = var('as_of') | string -%}
    {%- if not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', day) -%}
        {%- do exceptions.raise_compiler_error(
            'The variable as_of is not a date: write it as YYYY-MM-DD'
        ) -%}
    {%- endif -%}
    date '{{ day }}'
{%- endmacro %}
