{% test unique_open_version(model, key) %}
with ordered as (

    select
        {{ key }} as business_key,
        dbt_valid_from,
        dbt_valid_to,
        lead(dbt_valid_from) over (
            partition by {{ key }} order by dbt_valid_from
        ) as next_valid_from
    from {{ model }}

)

select distinct business_key
from ordered
where dbt_valid_to <= dbt_valid_from
    or dbt_valid_to > next_valid_from
    or (dbt_valid_to is null and next_valid_from is not null)
{% endtest %}
