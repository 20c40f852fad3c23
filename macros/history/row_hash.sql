{#
    What a snapshot compares: a hash over name=value of the business columns that are not null. A
    new column that is still empty changes nothing, nor does the order of the columns. No
    pseudonyms: another key would make every row a new version. chr(31) ends each pair; no value
    holds it. Booleans (`conditions`) and times (to the second) are named apart: they turn into text
    in ways of their own.
#}
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
