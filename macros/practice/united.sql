{#
    By the input model's columns: an adapter says what its system knows and nothing else, and no
    order of columns can be mistaken.
#}
{% macro united(adapters) -%}
    {%- set selects = [] -%}
    {%- for adapter in adapters or [none] -%}
        {%- set has = columns_of_mapping(adapter) -%}
        {%- set columns = [] -%}
        {%- for column in model.columns.values() -%}
            {%- set nothing = 'cast(null as ' ~ column.data_type ~ ') as ' ~ column.name -%}
            {%- do columns.append(column.name if column.name in has else nothing) -%}
        {%- endfor -%}
        {%- set columns = columns or ['1 as no_column'] -%}
        {%- do selects.append(
            'select\n        ' ~ columns | join(',\n        ')
            ~ ('\n    from ' ~ adapter if adapter else '\n    where 1 = 0')
        ) -%}
    {%- endfor -%}
    {{ selects | join('\n    union all\n    ') }}
{%- endmacro %}


{% macro columns_of_mapping(adapter) %}
    {% if not execute or adapter is none %}{{ return([]) }}{% endif %}
    {% set node = graph.nodes['model.' ~ project_name ~ '.' ~ adapter.identifier] %}
    {{ return(node.columns.keys() | list) }}
{% endmacro %}
