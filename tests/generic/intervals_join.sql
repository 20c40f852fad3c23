{% test intervals_join(model, key) %}
with ordered as (

    select
        {{ key }} as business_key,
        valid_from,
        valid_to,
        lag(valid_to) over (partition by {{ key }} order by valid_from) as ended_before,
        row_number() over (partition by {{ key }} order by valid_from) as place,
        row_number() over (partition by {{ key }} order by valid_from desc) as place_from_end
    from {{ model }}

)

select distinct business_key
from ordered
where (place = 1 and valid_from <> date '1900-01-01')
    or (place > 1 and (ended_before is null or ended_before <> valid_from))
    or (place_from_end = 1 and valid_to is not null)
    or valid_to <= valid_from
{% endtest %}
