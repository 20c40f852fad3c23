{# While dbt parses there is no graph yet; in a unit test there is none at all. #}
{% macro knows_contracts() %}{{ return(execute and graph.sources is defined) }}{% endmacro %}


{% macro contract_of(source_name, table_name) %}
    {% set node = graph.sources.values()
        | selectattr('source_name', 'equalto', source_name)
        | selectattr('name', 'equalto', table_name)
        | first %}
    {% set contract = said_of(node) %}
    {% set kinds = contract.deliveries | map(attribute='kind') | unique | list %}
    {% set columns = node.columns.keys() | list %}
    {% for column in node.columns.values() if column.config.meta.pseudonym %}
        {% do columns.append(column.name ~ '_pseudonym') %}
    {% endfor %}
    {% if 'changes' in kinds %}{% do columns.append('_operation') %}{% endif %}
    {% set limits, floor = contract.limits or {}, var('row_floor') %}
    {% set changes = contract.deliveries | selectattr('kind', 'equalto', 'changes') | first %}
    {% set columns = columns + ['extract_date', 'load_id', '_extracted_at', '_source_row'] %}
    {{ return({
        'source_name': source_name,
        'table_name': table_name,
        'columns': columns,
        'read': columns,
        'source_row': '_source_row',
        'key': [] if contract.key == 'row' else contract.key,
        'kind': 'changes' if 'changes' in kinds else kinds[0],
        'watermark': contract.watermark,
        'removal': removal_of(kinds, contract.deleted),
        'order': changes.order if changes else none,
        'may_be_empty': contract.may_be_empty or false,
        'floor_share': limits.floor_share if limits.floor_share is number else floor.share,
        'floor_rows': limits.floor_rows if limits.floor_rows is number else floor.rows,
    }) }}
{% endmacro %}


{% macro said_of(node) %}
    {% set said = (node.config.meta.defaults or {}).copy() %}
    {% do said.update(node.config.meta.contract) %}
    {{ return(said) }}
{% endmacro %}


{% macro removal_of(kinds, deleted) %}
    {% if 'changes' in kinds %}{{ return("coalesce(_operation, 'I') = 'D'") }}{% endif %}
    {{ return('coalesce(' ~ deleted ~ ', false)' if deleted else none) }}
{% endmacro %}


{#
    A base view has its columns under their own names, and those that decide between two rows under
    names that are the same in every base view.
#}
{% macro contract_of_base(base_name) %}
    {% set node = graph.nodes['model.' ~ project_name ~ '.' ~ base_name] %}
    {% set raw = graph.sources.values() | selectattr('unique_id', 'in', node.depends_on.nodes)
        | first %}
    {% set contract = contract_of(raw.source_name, raw.name) %}
    {% set deciding = ['row_order', 'is_removal'] %}
    {% set columns, found = [], [] %}
    {% for column in node.columns if column not in ['row_key', 'row_hash'] %}
        {% do (found if column in deciding else columns).append(column) %}
    {% endfor %}
    {% do contract.update({
        'base_name': base_name,
        'columns': columns,
        'read': columns + found,
        'key': ['row_key'],
        'source_row': 'source_row',
        'watermark': 'row_order' if contract.watermark else none,
        'order': 'row_order' if contract.order else none,
        'removal': 'is_removal' if contract.removal else none,
    }) %}
    {{ return(contract) }}
{% endmacro %}


{% macro rows_of(source_name, table_name) -%}
    {%- set raw = source(source_name, table_name) -%}
    {%- set contract = contract_of(source_name, table_name) if knows_contracts() else {} -%}
    {%- set order = contract.watermark or contract.order -%}
    select
        raw_rows.*
        {%- if contract.key %},
        {{ row_key(contract.key, 'raw_rows') }} as row_key
        {%- endif %}
        {%- if order %},
        raw_rows.{{ order }} as row_order
        {%- endif %}
        {%- if contract.removal %},
        {{ contract.removal }} as is_removal
        {%- endif %}
    from {{ raw }} as raw_rows
{%- endmacro %}


{# The cells are joined by chr(31), which no landed text can hold. #}
{% macro row_key(key, alias='') -%}
    {%- set cells, front = [], alias ~ '.' if alias else '' -%}
    {%- for column in key %}{% do cells.append(as_text(front ~ column)) %}{% endfor -%}
    {{ cells | join(' || chr(31) || ') }}
{%- endmacro %}
