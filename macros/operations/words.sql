{% macro table_in_words(relation) -%}
    {{ relation }}.source_name || '.' || {{ relation }}.table_name
{%- endmacro %}
