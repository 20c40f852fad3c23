{#
    Each value of `key` has exactly one version that is marked the newest, and no version of a later
    number. Returns each that has not.
#}
{% test one_newest_version(model, key) %}
select {{ key }}
from {{ model }}
group by {{ key }}
having sum(case when is_newest then 1 else 0 end) <> 1
    or max(version_number) <> max(case when is_newest then version_number end)
{% endtest %}
