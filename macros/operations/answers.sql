{#
    Cells are logged here, although no log may have values. The queries read only marts, for counts
    and sums over many rows, and the process that receives these lines keeps them in memory and
    writes no log of them.
#}
{% macro answers_as_json(queries) %}
    {% for name, sql in queries.items() %}
        {% set found = run_query(sql) %}
        {% set columns = found.column_names | list %}
        {% set decimals = decimals_as_text(sql) %}
        {% set rows = [] %}
        {% for row in found.rows %}
            {% set cells = [] %}
            {% for cell in row.values() %}
                {% do cells.append(cell_as_text(cell, columns[loop.index0] in decimals)) %}
            {% endfor %}
            {% do rows.append(cells) %}
        {% endfor %}
        {% do log(tojson({'query': name, 'columns': columns, 'rows': rows}), info=true) %}
    {% endfor %}
{% endmacro %}

{% macro cell_as_text(cell, is_decimal) %}
    {%- if cell is none -%}{{ return(none) }}
    {%- elif is_decimal -%}{{ return('n' ~ cell) }}
    {%- elif cell is boolean -%}{{ return('b' ~ cell) }}
    {%- elif cell is number -%}{{ return('n' ~ cell) }}
    {%- elif cell is string -%}{{ return('t' ~ cell) }}
    {%- elif cell.hour is defined -%}{{ return('s' ~ cell) }}
    {%- else -%}{{ return('d' ~ cell) }}
    {%- endif -%}
{% endmacro %}
