{#
    The rows of unit tests: dbt casts each cell to its column's type, as the catalogue names it.
#}

{#
    Redshift: its catalogue names the types of external tables as Glue does, and its SQL does not
    know all of them. A text is compared whole, whatever length the column of a table would have.
    There is no cast that yields null for what it can't read.
#}
{% macro redshift__safe_cast(field, type) -%}
    {%- set known = {'string': 'varchar(65535)', 'double': 'double precision'} -%}
    {%- if type.startswith('character varying') -%}{%- set type = 'string' -%}{%- endif -%}
    cast({{ field }} as {{ known.get(type, type) }})
{%- endmacro %}

{# Athena: dbt writes a timestamp with a T, of which try_cast makes null without a word. #}
{% macro athena__safe_cast(field, type) -%}
    {%- set value = field | replace('T', ' ') if type.startswith('timestamp') else field -%}
    try_cast({{ value }} as {{ type }})
{%- endmacro %}
