{% test business_day_of(model, column_name, instant) %}
select
    {{ column_name }},
    {{ instant }}
from {{ model }}
where {{ column_name }} <> {{ business_day(instant) }}
    or ({{ column_name }} is null) <> ({{ instant }} is null)
{% endtest %}
