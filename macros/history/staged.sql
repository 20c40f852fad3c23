{#
    The table has the cap and the loads with which it was built; history must read the loads of this
    very run, or it would file an old state under a new date.
#}
{% macro staged(model_name, reader='state_now_of') -%}
    {%- if execute -%}
        {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ model_name] -%}
        {{ render(node.raw_code.replace('state_of(', reader ~ '(')) }}
    {%- else -%}
        select * from {{ ref(model_name) }}
    {%- endif -%}
{%- endmacro %}
