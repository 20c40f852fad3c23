{#
    Between the fields stands chr(31), and chr(30) for a null: landing strips both from every cell,
    so no value can imitate another combination.
#}
{% macro key_of(columns) -%}
    {%- set fields = [] -%}
    {%- for column in columns -%}
        {%- do fields.append('coalesce(' ~ as_text(column) ~ ', chr(30))') -%}
    {%- endfor -%}
    {{ text_hash(fields | join(' || chr(31) || ')) }}
{%- endmacro %}


{% macro key_or_null(field) -%}
    case when {{ field }} is not null then {{ key_of([field]) }} end
{%- endmacro %}


{% macro key_or_unknown(field) -%}
    case when {{ field }} is null then {{ unknown_member() }} else {{ key_of([field]) }} end
{%- endmacro %}


{% macro unknown_member() -%}
    'unknown'
{%- endmacro %}
