{% macro said_rows_of(contract) -%}
    {%- if contract.kind == 'incremental' -%}
    {{ known_rows_of(contract) }}
    {%- elif contract.kind == 'append' -%}
    {{ first_rows_of(contract) }}
    {%- elif contract.kind == 'changes' -%}
    {{ last_rows_of(contract) }}
    {%- else -%}
    {{ rows_of_loads(contract) }}
    {%- endif -%}
{%- endmacro %}


{% macro rows_of_loads(contract, kinds=none) -%}
    select
        {{ prefixed(contract.read, 'base_rows') }},
        base_rows.row_key,
        base_rows.row_hash,
        loads.load_number
    from {{ ref(contract.base_name) }} as base_rows
    inner join ({{ counted_loads(contract) }}) as loads
        on base_rows.extract_date = loads.extract_date
        and base_rows.load_id = loads.load_id
    where base_rows.extract_date <= {{ as_of() }}
        {%- if kinds %}
        and {{ kinds }}
        {%- endif %}
{%- endmacro %}


{# A row tells nothing if a newer row of its key was known before it. #}
{% macro known_rows_of(contract) -%}
    select * from (
        select
            *,
            row_number() over (
                partition by load_number, row_key order by source_row desc
            ) as place
        from (
            select
                *,
                max(row_order) over (
                    partition by row_key
                    order by load_number, source_row
                    rows between unbounded preceding and 1 preceding
                ) as newest_known
            from ({{ rows_of_loads(contract) }}) as rows_read
        ) as compared
        where newest_known is null or row_order >= newest_known
    ) as ranked
    where place = 1
{%- endmacro %}


{% macro first_rows_of(contract) -%}
    select * from (
        select
            *,
            row_number() over (partition by row_key order by load_number, source_row) as place
        from ({{ rows_of_loads(contract) }}) as rows_read
    ) as ranked
    where place = 1
{%- endmacro %}


{# A full load has one row of a key, as the lander sees to: ranked are the rows of changes alone. #}
{% macro last_rows_of(contract) -%}
    {{ rows_of_loads(contract, "loads.kind = 'full'") }}
    union all
    select
        {{ prefixed(contract.read + ['row_key', 'row_hash', 'load_number'], 'ranked') }}
    from (
        select
            *,
            row_number() over (
                partition by load_number, row_key
                order by {{ 'row_order desc nulls last, ' if contract.order }}source_row desc
            ) as place
        from ({{ rows_of_loads(contract, "loads.kind <> 'full'") }}) as rows_read
    ) as ranked
    where ranked.place = 1
{%- endmacro %}
