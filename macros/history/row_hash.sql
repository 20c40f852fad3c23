{#
    What a snapshot compares: a hash over name=value of the business columns that are not null. A
    new column that is still empty changes nothing, nor does the order of the columns. No
    pseudonyms: another key would make every row a new version. chr(31) ends each pair; no value
    holds it. Booleans are named apart, in `conditions`: they turn into text in their own way.
#}
{% macro row_hash(columns, conditions=[]) -%}
    {%- set pairs = [] -%}
    {%- for column in (columns + conditions) | sort -%}
        {%- set text = bool_text(column) if column in conditions else as_text(column) -%}
        {%- do pairs.append(
            "coalesce('" ~ column ~ "=' || " ~ text ~ " || chr(31), '')"
        ) -%}
    {%- endfor -%}
    {{ text_hash(pairs | join('\n        || ')) }}
{%- endmacro %}
