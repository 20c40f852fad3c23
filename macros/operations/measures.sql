{#
    What is counted and summed of each raw table on its way, for operations.data_validations: one
    model per area of marts, int_<area>_measured, unites three of the stages below, and
    int_rows_missing has the fourth, of all sources. All give the columns stage, source_name,
    table_name, load_id, measure ('rows', or the raw column whose sum it is) and measured.
#}

{% macro measures_of(source_name, table_name, relation, amounts={}) -%}
    {{ counted_rows('staged', source_name, table_name, relation, amounts, by_load=true) }}
{%- endmacro %}

{% macro newest_of(relation) -%}
    (select * from {{ relation }} where is_newest) as newest_rows
{%- endmacro %}

{% macro mart_measures_of(source_name, table_name, relation, amounts={}, where='1 = 1') -%}
    {{ counted_rows('published', source_name, table_name, relation, amounts, where) }}
{%- endmacro %}


{% macro practice_measures_of(entity, relation, amounts={}, where='1 = 1') -%}
    select
        'published' as stage,
        told.source_name,
        told.table_name,
        cast(null as varchar(40)) as load_id,
        measures.measure,
        cast(
            case measures.measure
                when 'rows' then coalesce(counted.rows_counted, 0)
                {%- for raw_column in amounts %}
                when '{{ raw_column }}' then coalesce(counted.sum_of_{{ raw_column }}, 0)
                {%- endfor %}
            end as decimal(38, 4)
        ) as measured
    from (
        select
            system_name,
            source_name,
            table_name
        from {{ ref('input_tables') }}
        where entity = '{{ entity }}' and is_row_for_row
    ) as told
    left join (
        select
            system_name,
            {%- for raw_column, column in amounts.items() %}
            cast(sum({{ column }}) as decimal(38, 4)) as sum_of_{{ raw_column }},
            {%- endfor %}
            cast(count(*) as decimal(38, 4)) as rows_counted
        from {{ relation }}
        where {{ where }}
        group by system_name
    ) as counted
        on told.system_name = counted.system_name
    cross join (
        {{ names_of_measures(amounts) }}
    ) as measures
{%- endmacro %}


{% macro superseded_measures_of(source_name) -%}
    {#- named here, so that dbt sees the edge while it parses and knows no contract yet -#}
    {%- set loads = ref('base_landfall__loads') -%}
    {%- set selects = [] -%}
    {%- for contract in contracts_in_parts(source_name, ['incremental', 'append', 'changes']) -%}
        {%- set amounts = {} -%}
        {%- for column in contract.amounts %}{% do amounts.update({column: column}) %}{% endfor -%}
        {%- set is_changes = contract.kind == 'changes' -%}
        {%- set rows = ranked_changes_of(contract) if is_changes else ranked_rows_of(contract) -%}
        {%- do selects.append(counted_rows(
            'superseded', source_name, contract.table_name, rows, amounts,
            where='place > 1' ~ (' or ' ~ contract.removal if contract.removal else '')
        )) if not is_changes or may_hold_changes(contract) -%}
    {%- endfor -%}
    {{ (selects or [no_measures()]) | join('\n    union all\n    ') }}
{%- endmacro %}


{% macro missing_measures() -%}
    {%- set loads = ref('base_landfall__loads') -%}
    {%- set quarantined_rows = ref('base_landfall__quarantined_rows') -%}
    {%- set keys, names = [], [] -%}
    {%- for node in sources_in_order() if node.source_name not in names -%}
        {%- do names.append(node.source_name) -%}
        {%- for contract in contracts_in_parts(
            node.source_name, ['incremental', 'append', 'changes']
        ) -%}
            {%- set raw = source(node.source_name, contract.table_name) -%}
            {%- do keys.append(
                "select '" ~ node.source_name ~ "' as source_name, '" ~ contract.table_name
                ~ "' as table_name, raw_rows.load_id, " ~ row_key(contract.key, 'raw_rows')
                ~ ' as row_key from ' ~ raw ~ ' as raw_rows'
                ~ ' where raw_rows.extract_date <= ' ~ as_of()
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if not keys -%}
    {{ no_measures() }}
    {%- else -%}
    select
        'missing' as stage,
        withheld.source_name,
        withheld.table_name,
        cast(null as varchar(40)) as load_id,
        'rows' as measure,
        cast(count(*) as decimal(38, 4)) as measured
    from {{ quarantined_rows }} as withheld
    inner join (
        select
            *,
            {{ number_of_full_load() }} as full_number
        from {{ loads }}
        where is_counted
            and extract_date <= {{ as_of() }}
    ) as loads
        on withheld.load_id = loads.load_id
        and withheld.table_name = loads.table_name
        and withheld.source_name = loads.source_name
    left join (
        -- the withheld keys first: where there is none, nothing is read
        select
            landed_keys.source_name,
            landed_keys.table_name,
            landed_keys.row_key,
            max(landed_loads.load_number) as load_number
        from (
            select distinct source_name, table_name, row_key from {{ quarantined_rows }}
            where row_key is not null
        ) as withheld_keys
        inner join (
            {{ keys | join('\n            union all\n            ') }}
        ) as landed_keys
            on withheld_keys.source_name = landed_keys.source_name
            and withheld_keys.table_name = landed_keys.table_name
            and withheld_keys.row_key = landed_keys.row_key
        inner join {{ loads }} as landed_loads
            on landed_keys.load_id = landed_loads.load_id
            and landed_keys.source_name = landed_loads.source_name
            and landed_keys.table_name = landed_loads.table_name
        where landed_loads.is_counted
        group by landed_keys.source_name, landed_keys.table_name, landed_keys.row_key
    ) as landed
        on withheld.source_name = landed.source_name
        and withheld.table_name = landed.table_name
        and withheld.row_key = landed.row_key
        and loads.load_number
            <= landed.load_number - case when loads.kind in ('full', 'changes') then 1 else 0 end
    left join (
        select
            source_name,
            table_name,
            object_name,
            max(load_number) as load_number
        from {{ loads }}
        where is_counted
            and extract_date <= {{ as_of() }}
        group by source_name, table_name, object_name
    ) as delivered_again
        on withheld.row_key is null
        and loads.source_name = delivered_again.source_name
        and loads.table_name = delivered_again.table_name
        and loads.object_name = delivered_again.object_name
        and loads.load_number < delivered_again.load_number
    where loads.load_number >= loads.full_number
        and landed.row_key is null
        and delivered_again.object_name is null
    group by withheld.source_name, withheld.table_name
    {%- endif -%}
{%- endmacro %}


{% macro contracts_in_parts(source_name, kinds) %}
    {% set found = [] %}
    {% if execute and graph.sources is defined %}
        {% for node in graph.sources.values()
            | selectattr('source_name', 'equalto', source_name) | sort(attribute='name') %}
            {% set contract = contract_of(source_name, node.name) %}
            {% set amounts = [] %}
            {% for column in node.columns.values() if 'decimal' in column.data_type %}
                {% do amounts.append(column.name) %}
            {% endfor %}
            {% do contract.update({
                'amounts': amounts, 'delivered': node.columns.keys() | list
            }) %}
            {% if contract.kind in kinds %}
                {% do found.append(contract) %}
            {% endif %}
        {% endfor %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}


{% macro ranked_rows_of(contract) -%}
    {%- set first = ['loads.load_number', 'raw_rows._source_row'] -%}
    {%- if contract.kind == 'incremental' -%}
        {%- set first = [
            'raw_rows.' ~ contract.watermark ~ ' desc nulls last',
            'loads.load_number desc',
            'raw_rows._source_row desc',
        ] -%}
    {%- endif -%}
    (
            select
                raw_rows.*,
                row_number() over (
                    partition by {{ prefixed(contract.key, 'raw_rows') }}
                    order by {{ first | join(', ') }}
                ) as place
            from {{ source(contract.source_name, contract.table_name) }} as raw_rows
            inner join ({{ counted_loads(contract) }}) as loads
                on raw_rows.extract_date = loads.extract_date
                and raw_rows.load_id = loads.load_id
            where raw_rows.extract_date <= {{ as_of() }}
        ) as ranked
{%- endmacro %}


{% macro ranked_changes_of(contract) -%}
    {%- set given = handed_over(contract) -%}
    {%- set order = 'raw_rows.' ~ contract.order ~ ' desc nulls last,' if contract.order else '' -%}
    (
            with reading as (

                select * from ({{ loads_known(contract, given) }}) as loads
                where holds_state

            )

            select
                raw_rows.*,
                row_number() over (
                    partition by {{ prefixed(contract.key, 'raw_rows') }}
                    order by reading.load_number desc, {{ order }} raw_rows._source_row desc
                ) as place
            from {{ source(contract.source_name, contract.table_name) }} as raw_rows
            inner join reading
                on raw_rows.extract_date = reading.extract_date
                and raw_rows.load_id = reading.load_id
            where {{ read_only(given, 'reading') }}
        ) as ranked
{%- endmacro %}


{% macro may_hold_changes(contract) %}
    {% set given = handed_over(contract) %}
    {{ return(given is none or given | selectattr('kind', 'equalto', 'changes') | list) }}
{% endmacro %}


{% macro counted_rows(
    stage, source_name, table_name, relation, amounts={}, where='1 = 1', by_load=false
) -%}
    select
        '{{ stage }}' as stage,
        '{{ source_name }}' as source_name,
        '{{ table_name }}' as table_name,
        {{ 'counted.load_id' if by_load else 'cast(null as varchar(40)) as load_id' }},
    {%- if amounts %}
        measures.measure,
        case measures.measure
            when 'rows' then counted.rows_counted
            {%- for raw_column in amounts %}
            when '{{ raw_column }}' then counted.sum_of_{{ raw_column }}
            {%- endfor %}
        end as measured
    {%- else %}
        'rows' as measure,
        counted.rows_counted as measured
    {%- endif %}
    from (
        select
            {%- if by_load %}
            load_id,
            {%- endif %}
            {%- for raw_column, column in amounts.items() %}
            cast(coalesce(sum({{ column }}), 0) as decimal(38, 4)) as sum_of_{{ raw_column }},
            {%- endfor %}
            cast(count(*) as decimal(38, 4)) as rows_counted
        from {{ relation }}
        where {{ where }}
        {%- if by_load %}
        group by load_id
        {%- endif %}
    ) as counted
    {%- if amounts %}
    cross join (
        {{ names_of_measures(amounts) }}
    ) as measures
    {%- endif %}
{%- endmacro %}


{% macro names_of_measures(amounts) -%}
    select 'rows' as measure
    {%- for raw_column in amounts %}
        union all
        select '{{ raw_column }}' as measure
    {%- endfor %}
{%- endmacro %}


{% macro no_measures() -%}
    select
        '' as stage,
        '' as source_name,
        '' as table_name,
        cast(null as varchar(40)) as load_id,
        '' as measure,
        cast(0 as decimal(38, 4)) as measured
    where 1 = 0
{%- endmacro %}
