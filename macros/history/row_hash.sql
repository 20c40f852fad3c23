{# chr(31) ends each pair: no landed value has it. #}
{% macro row_hash(columns, conditions=[], times=[]) -%}
    {%- set pairs = [] -%}
    {%- for column in (columns + conditions + times) | sort -%}
        {%- set text = as_text(column) -%}
        {%- if column in conditions %}{% set text = bool_text(column) %}{% endif -%}
        {%- if column in times %}{% set text = ts_text(column) %}{% endif -%}
        {%- do pairs.append(
            "coalesce('" ~ column ~ "=' || " ~ text ~ " || chr(31), '')"
        ) -%}
    {%- endfor -%}
    {{ text_hash(pairs | join('\n        || ')) }}
{%- endmacro %}
