{% macro every_row_of(source_name, table_name) -%}
    {%- set contract = contract_of(source_name, table_name) -%}
    {%- if contract.kind == 'changes' %}
    with full_rows as (

        {{ rows_of_loads(contract, 'full') }}

    ),

    operations as (

        {{ last_operations_of(contract) }}

    )

    select {{ contract.columns | join(', ') }} from full_rows
    union all
    select {{ contract.columns | join(', ') }} from operations
    where not {{ is_removal(contract) }}
    {%- elif contract.kind == 'incremental' %}
    with known_rows as (

        {{ known_rows_of(contract) }}

    )

    select {{ contract.columns | join(', ') }} from known_rows
    {%- if contract.removes %}
    where not {{ is_removal(contract) }}
    {%- endif %}
    {%- elif contract.kind == 'append' %}
    with rows_read as (

        {{ rows_of_loads(contract) }}

    ),

    ranked as (

        select
            *,
            row_number() over (
                partition by {{ contract.key | join(', ') }} order by load_number, _source_row
            ) as place
        from rows_read

    )

    select {{ contract.columns | join(', ') }}
    from ranked
    where place = 1
    {%- else %}
    with every_row as (

        {{ rows_of_loads(contract) }}

    )

    select {{ contract.columns | join(', ') }} from every_row
    {%- endif %}
{%- endmacro %}


{# Read so, all columns are carried and hashed for these rows alone. #}
{% macro rows_seen_of(source_name, table_name) -%}
    {%- set contract = contract_of(source_name, table_name) -%}
    select
        {{ prefixed(contract.columns, 'every_row') }}
    from ({{ every_row_of(source_name, table_name) }}) as every_row
    inner join rows_seen
        on every_row.load_id = rows_seen.load_id
        and {{ row_key(contract.key, 'every_row') }} = rows_seen.row_key
{%- endmacro %}


{% macro removals_of(contract) -%}
    select * from (
        {%- set is_changes = contract.kind == 'changes' %}
        {{ last_operations_of(contract) if is_changes else known_rows_of(contract) }}
    ) as rows_of_keys
    where {{ is_removal(contract) }}
{%- endmacro %}


{% macro rows_of_loads(contract, kind=none) -%}
    select
        {{ prefixed(contract.columns, 'raw_rows') }},
        loads.load_number
    from {{ source(contract.source_name, contract.table_name) }} as raw_rows
    inner join ({{ counted_loads(contract.source_name, contract.table_name) }}) as loads
        on raw_rows.extract_date = loads.extract_date
        and raw_rows.load_id = loads.load_id
    where raw_rows.extract_date <= {{ as_of() }}
        {%- if kind %}
        and loads.kind = '{{ kind }}'
        {%- endif %}
{%- endmacro %}


{% macro known_rows_of(contract) -%}
    {%- set key = contract.key | join(', ') -%}
    select * from (
        select
            *,
            row_number() over (
                partition by load_number, {{ key }} order by _source_row desc
            ) as place
        from (
            select
                *,
                max({{ contract.watermark }}) over (
                    partition by {{ key }}
                    order by load_number, _source_row
                    rows between unbounded preceding and 1 preceding
                ) as newest_known
            from ({{ rows_of_loads(contract) }}) as rows_read
        ) as compared
        where newest_known is null or {{ contract.watermark }} >= newest_known
    ) as ranked
    where place = 1
{%- endmacro %}


{% macro last_operations_of(contract) -%}
    {%- set order = contract.order ~ ' desc nulls last,' if contract.order else '' -%}
    select * from (
        select
            *,
            row_number() over (
                partition by load_number, {{ contract.key | join(', ') }}
                order by {{ order }} _source_row desc
            ) as place
        from ({{ rows_of_loads(contract, 'changes') }}) as rows_read
    ) as ranked
    where place = 1
{%- endmacro %}
