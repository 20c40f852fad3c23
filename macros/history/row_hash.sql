{#
    What a snapshot compares: a hash over name=value of the business columns that are not null. A
    new column that is still empty changes nothing, nor does the order of the columns. No
    pseudonyms: another key would make every row a new version. chr(31) ends each pair; no value
    holds it.
#}
{% macro row_hash(columns) -%}
    {%- set pairs = [] -%}
    {%- for column in columns | sort -%}
        {%- do pairs.append(
            "coalesce('" ~ column ~ "=' || " ~ as_text(column) ~ " || chr(31), '')"
        ) -%}
    {%- endfor -%}
    {{ text_hash(pairs | join('\n        || ')) }}
{%- endmacro %}
