{% test as_many_rows_as(model, other, more=0) %}
select
    model_rows.counted,
    other_rows.expected
from (select count(*) as counted from {{ model }}) as model_rows
cross join (select count(*) + {{ more }} as expected from {{ other }}) as other_rows
where model_rows.counted <> other_rows.expected
{% endtest %}
