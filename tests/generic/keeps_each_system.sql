{% test keeps_each_system(model, input, amount='0') %}
with input_sums as (

    select
        system_name,
        count(*) as rows_counted,
        coalesce(sum({{ amount }}), 0) as amount_summed
    from {{ input }}
    group by system_name

),

model_sums as (

    select
        system_name,
        count(*) as rows_counted,
        coalesce(sum({{ amount }}), 0) as amount_summed
    from {{ model }}
    group by system_name

)

select
    input_sums.rows_counted as rows_expected,
    model_sums.rows_counted as rows_found,
    input_sums.amount_summed as amount_expected,
    model_sums.amount_summed as amount_found
from input_sums
full outer join model_sums
    on input_sums.system_name = model_sums.system_name
where
    coalesce(input_sums.rows_counted, -1) <> coalesce(model_sums.rows_counted, -1)
    or coalesce(input_sums.amount_summed, -1) <> coalesce(model_sums.amount_summed, -1)
{% endtest %}
