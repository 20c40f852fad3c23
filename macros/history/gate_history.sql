{% macro gate_history() %}{% endmacro %}
{% macro record_taken() %}{% endmacro %}
{% macro create_taken_loads() %}{% endmacro %}
