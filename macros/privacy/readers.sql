{% macro readers_of(node) -%}
    {%- set place = place_of(node) -%}
    {%- set found = [] -%}
    {%- for role, may in (var('access') or {}).items() -%}
        {%- if place in may.reads or place.split('.')[0] in may.reads -%}
            {%- do found.append(role) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{% macro place_of(node) -%}
    {%- if node.resource_type == 'model' -%}
        {#- a base view has a raw table's rows: who may read the one may read the other -#}
        {{ return(('raw' if node.fqn[1] == 'base' else node.fqn[1]) ~ '.' ~ node.fqn[2]) }}
    {%- else -%}
        {{ return('snapshots' if node.resource_type == 'snapshot' else 'staging') }}
    {%- endif -%}
{%- endmacro %}


{% macro columns_for(role, node) -%}
    {%- set limited = var('access')[role].columns or {} -%}
    {%- set limits = limited.get(node.schema ~ '.' ~ node.name) or {} -%}
    {%- set found = [] -%}
    {%- for column in node.columns if column not in limits -%}
        {%- do found.append(column) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{% macro reads_some_columns(role, node) -%}
    {{ return((node.schema ~ '.' ~ node.name) in (var('access')[role].columns or {})) }}
{%- endmacro %}


{% macro reads_some_rows(role, node) -%}
    {{ return((node.schema ~ '.' ~ node.name) in (var('access')[role].rows or {})) }}
{%- endmacro %}


{% macro tag_value_of(node) -%}
    {%- set name = node.schema ~ '.' ~ node.name -%}
    {%- set place = place_of(node) -%}
    {%- set front = place.split('.')[0] -%}
    {%- set found = [] -%}
    {%- for may in (var('access') or {}).values() -%}
        {%- if name in (may.columns or {}) or name in (may.rows or {}) -%}
            {%- do found.insert(0, name) -%}
        {%- elif place in may.reads -%}
            {%- do found.append(place) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do found.append(place if front in ['marts', 'restricted'] else front) -%}
    {{ return(found[0]) }}
{%- endmacro %}
