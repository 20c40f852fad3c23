{# No row fulfils the condition. Returns those that do. #}
{% test none_where(model, condition) %}
select *
from {{ model }}
where {{ condition }}
{% endtest %}
