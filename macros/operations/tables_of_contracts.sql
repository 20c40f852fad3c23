{% macro tables_of_contracts() -%}
    {%- set selects = [] -%}
    {%- for node in sources_in_order() -%}
        {%- set source_name = "'" ~ node.source_name ~ "' as source_name" -%}
        {%- set table_name = "'" ~ node.name ~ "' as table_name" -%}
        {%- set folders, contract = [], said_of(node) -%}
        {%- for delivery in contract.deliveries if '{load}' in delivery.path -%}
            {%- set path = delivery.path.replace('{table}', node.name) -%}
            {%- do folders.append("'" ~ path.split('{load}')[0] ~ "'") -%}
        {%- endfor -%}
        {%- set folder = folders[0] if folders else 'null' -%}
        {%- set once = contract.delivered_once or false -%}
        {%- do selects.append(
            'select ' ~ source_name ~ ', ' ~ table_name
            ~ ', ' ~ (once | string | lower) ~ ' as is_delivered_once'
            ~ ', cast(' ~ folder ~ ' as varchar(1000)) as full_load_folder'
        ) -%}
    {%- endfor -%}
    {%- set nothing = [
        "select '' as source_name, '' as table_name, false as is_delivered_once,"
        ~ ' cast(null as varchar(1000)) as full_load_folder'
    ] -%}
    {{ (selects or nothing) | join('\n    union all\n    ') }}
{%- endmacro %}


{% macro sources_in_order() %}
    {% set found = [] %}
    {% if execute and graph.sources is defined %}
        {% for node in graph.sources.values()
            | rejectattr('source_name', 'equalto', 'landfall') | sort(attribute='unique_id') %}
            {% do found.append(node) %}
        {% endfor %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}
