{# Every system but the first writes its numbers so, and no two systems' numbers ever meet. #}
{% macro system_number(system_name, value) -%}
    '{{ system_name }}:' || {{ as_text(value) }}
{%- endmacro %}
