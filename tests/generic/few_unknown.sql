{% test few_unknown(model, column_name, dimension, dimension_key) %}
select
    count(*) as facts,
    sum(case when {{ column_name }} = {{ unknown_member() }} then 1 else 0 end) as unknown
from {{ model }}
where exists (
    select 1 from {{ dimension }} where {{ dimension_key }} <> {{ unknown_member() }}
)
having sum(case when {{ column_name }} = {{ unknown_member() }} then 1 else 0 end) > 5
    and sum(case when {{ column_name }} = {{ unknown_member() }} then 1 else 0 end) * 20 > count(*)
{% endtest %}
