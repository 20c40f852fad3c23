{#
    A fact that should find its dimension does: at most one row in twenty is at the unknown member,
    or at most five in all. Where the dimension was never delivered there is nothing to find.
    Returns the count where that is not so.
#}
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
