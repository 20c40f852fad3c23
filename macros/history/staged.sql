{#
    A staging model's own SQL in place of its view. A view keeps the cap and the loads with which it
    was built; history must read the loads of this very run, or it would file an old state under a
    new date.

    reader  state_now_of: the state as of the cap, by the loads of this moment; every_row_of: all
            rows that ever were the state, for the backfill; rows_seen_of: of these, its versions'
#}
{% macro staged(model_name, reader='state_now_of') -%}
    {%- if execute -%}
        {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ model_name] -%}
        {{ render(node.raw_code.replace('state_of(', reader ~ '(')) }}
    {%- else -%}
        select * from {{ ref(model_name) }}
    {%- endif -%}
{%- endmacro %}
