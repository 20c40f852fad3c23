{% test one_newest_version(model, key) %}
select {{ key }}
from {{ model }}
group by {{ key }}
having sum(case when is_newest then 1 else 0 end) <> 1
    or max(version_number) <> max(case when is_newest then version_number end)
{% endtest %}
