{% macro misfits_of_contracts() -%}
    {#- named here, so that dbt sees the edges while it parses and knows no contract yet -#}
    {%- set loads = ref('base_landfall__loads') -%}
    {%- set withheld = ref('base_landfall__quarantined_rows') -%}
    {%- set selects = [] -%}
    {%- for node in sources_in_order() -%}
        {%- set misfits = misfits_in(node) -%}
        {%- if misfits -%}
            {%- set query -%}
    select
        '{{ node.source_name }}' as source_name,
        '{{ node.name }}' as table_name,
        kinds.column_name,
        kinds.finding,
        sum(case
            {%- for misfit in misfits %}
            when
                kinds.place = {{ loop.index }}
                and {{ misfit.condition }}
                then 1
            {%- endfor %}
            else 0
        end) as rows_found
    from ({{ state_of(node.source_name, node.name) }}) as state_rows
    cross join (
        {%- for misfit in misfits %}
        select
            {{ loop.index }} as place,
            '{{ misfit.column_name }}' as column_name,
            '{{ misfit.finding }}' as finding
        {{- ' union all' if not loop.last }}
        {%- endfor %}
    ) as kinds
    group by kinds.column_name, kinds.finding
            {%- endset -%}
            {%- do selects.append(query) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set nothing -%}
    select
        '' as source_name,
        '' as table_name,
        '' as column_name,
        '' as finding,
        cast(0 as bigint) as rows_found
    {%- endset -%}
    {{ (selects or [nothing]) | join('\n    union all\n    ') }}
{%- endmacro %}


{% macro misfits_in(node) %}
    {% set found = [] %}
    {% for column in node.columns.values() %}
        {% set meta = column.config.meta %}
        {% set counts = meta.get('otherwise') == 'count' %}
        {% if counts and meta.get('values') %}
            {% do found.append({
                'column_name': column.name,
                'finding': 'unknown_value',
                'condition': "state_rows." ~ column.name ~ " not in ('"
                    ~ meta.get('values') | join("', '") ~ "')",
            }) %}
        {% endif %}
        {% if counts and meta.get('minimum') is not none %}
            {% do found.append({
                'column_name': column.name,
                'finding': 'below_minimum',
                'condition': 'state_rows.' ~ column.name ~ ' < ' ~ meta.minimum,
            }) %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
