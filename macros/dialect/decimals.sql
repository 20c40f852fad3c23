{% macro decimals_as_text(sql) %}
    {{ return(adapter.dispatch('decimals_as_text')(sql)) }}
{% endmacro %}

{% macro default__decimals_as_text(sql) %}
    {{ return([]) }}
{% endmacro %}

{# dbt-athena leaves a decimal as the API spells it. The types are asked without reading a row. #}
{% macro athena__decimals_as_text(sql) %}
    {% set names = [] %}
    {% for column in adapter.get_column_schema_from_query(get_empty_subquery_sql(sql)) %}
        {% if column.dtype | lower == 'decimal' %}{% do names.append(column.name) %}{% endif %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}
