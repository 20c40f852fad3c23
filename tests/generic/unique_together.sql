{#
    No two rows agree in all of these columns; null counts as a value. Returns each combination that
    stands more than once.
#}
{% test unique_together(model, columns) %}
select {{ columns | join(', ') }}
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
