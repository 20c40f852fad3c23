{#
    Keys of the marts: a hash over named business fields, equal on the three engines. Where the
    business key names a person (`ACC0001`), its pseudonym goes in instead: an unkeyed hash of a
    short number can be guessed by trying them all.

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


{# The key of one field, and no key where the field is null. #}
{% macro key_or_null(field) -%}
    case when {{ field }} is not null then {{ key_of([field]) }} end
{%- endmacro %}


{# The key of one field, and the unknown member's where the field is null. #}
{% macro key_or_unknown(field) -%}
    case when {{ field }} is null then {{ unknown_member() }} else {{ key_of([field]) }} end
{%- endmacro %}


{#
    The key of the member that stands in for one that is not known (yet): a row of its own in each
    dimension.
#}
{% macro unknown_member() -%}
    'unknown'
{%- endmacro %}
