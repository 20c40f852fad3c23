{# Only at execution: while dbt parses there is no graph yet. #}
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
    {% set limits = contract.limits or {} %}
    {% set changes = contract.deliveries | selectattr('kind', 'equalto', 'changes') | first %}
    {{ return({
        'source_name': source_name,
        'table_name': table_name,
        'columns': columns + ['extract_date', 'load_id', '_extracted_at', '_source_row'],
        'key': [] if contract.key == 'row' else contract.key,
        'kind': 'changes' if 'changes' in kinds else kinds[0],
        'watermark': contract.watermark,
        'deleted': contract.deleted,
        'removes': 'changes' in kinds or contract.deleted,
        'order': changes.order if changes else none,
        'may_be_empty': contract.may_be_empty or false,
        'floor_share': limits.floor_share if limits.floor_share is defined else 0.9,
        'floor_rows': limits.floor_rows if limits.floor_rows is defined else 5,
    }) }}
{% endmacro %}


{% macro said_of(node) %}
    {% set said = (node.config.meta.defaults or {}).copy() %}
    {% do said.update(node.config.meta.contract) %}
    {{ return(said) }}
{% endmacro %}


{% macro is_removal(contract) -%}
    {%- if contract.kind == 'changes' -%}
    coalesce(_operation, 'I') = 'D'
    {%- else -%}
    coalesce({{ contract.deleted }}, false)
    {%- endif -%}
{%- endmacro %}


{# The cells are joined by chr(31), which no landed text can hold. #}
{% macro row_key(key, alias='') -%}
    {%- set cells, front = [], alias ~ '.' if alias else '' -%}
    {%- for column in key %}{% do cells.append(as_text(front ~ column)) %}{% endfor -%}
    {{ cells | join(' || chr(31) || ') }}
{%- endmacro %}
