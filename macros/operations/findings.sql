{% macro other_values_of(source_name) -%}
    {#- named here, so that dbt sees the edge while it parses and knows no contract yet -#}
    {%- set loads = ref('base_landfall__loads') -%}
    {%- set selects = [] -%}
    {%- for contract in contracts_in_parts(source_name, ['append']) -%}
        {%- set query -%}
    select
        '{{ contract.table_name }}' as table_name,
        'other_values' as finding,
        cast(coalesce(sum(rows_apart - 1), 0) as bigint) as rows_found
    from (
        select count(*) as rows_apart
        from (
            select distinct {{ prefixed(contract.delivered, 'raw_rows') }}
            from {{ source(source_name, contract.table_name) }} as raw_rows
            inner join ({{ counted_loads(contract) }}) as loads
                on raw_rows.extract_date = loads.extract_date
                and raw_rows.load_id = loads.load_id
            where raw_rows.extract_date <= {{ as_of() }}
        ) as rows_said
        group by {{ contract.key | join(', ') }}
    ) as keys_said
        {%- endset -%}
        {%- do selects.append(query) -%}
    {%- endfor -%}
    {%- set nothing = "select '' as table_name, '' as finding, cast(0 as bigint) as rows_found" -%}
    {{ (selects or [nothing]) | join('\n    union all\n    ') }}
{%- endmacro %}
