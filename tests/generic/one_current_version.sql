{% test one_current_version(model, key) %}
with ordered as (

    select
        {{ key }} as durable_key,
        is_current,
        valid_from,
        valid_to,
        lead(valid_from) over (partition by {{ key }} order by valid_from) as next_from
    from {{ model }}

)

select distinct durable_key
from ordered
where is_current <> (next_from is null)
    or (next_from is not null and (valid_to is null or valid_to > next_from))
    or valid_to <= valid_from
{% endtest %}
