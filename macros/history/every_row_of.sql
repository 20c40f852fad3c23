{#
    Every row of a raw table that was its newest row of its key at some load: what state_of would
    have read over all days at once. The same columns, so that a staging model runs on either
    (staged.sql).

    full         every row of every counted load
    changes      of a load of changes, the last operation of each key; removals apart (removals_of)
    incremental  the rows that were not older than what was known of their key
    append       the first row of each key
#}
{% macro every_row_of(source_name, table_name) -%}
    {%- set contract = contract_of(source_name, table_name) -%}
    with loads as (

        {{ counted_loads(source_name, table_name) }}

    ),

    rows_read as (

        select
            {{ prefixed(contract.columns, 'raw_rows') }},
            loads.load_number
        from {{ source(source_name, table_name) }} as raw_rows
        inner join loads
            on raw_rows.extract_date = loads.extract_date
            and raw_rows.load_id = loads.load_id
        where raw_rows.extract_date <= {{ as_of() }}
            {%- if contract.kind == 'changes' %}
            and loads.kind = 'full'
            {%- endif %}

    ),
    {% if contract.kind == 'changes' %}
    operations as (

        {{ last_operations_of(source_name, table_name) }}

    )

    select {{ contract.columns | join(', ') }} from rows_read
    union all
    select {{ contract.columns | join(', ') }} from operations
    where coalesce(_operation, 'I') <> 'D'
    {%- elif contract.kind == 'incremental' %}
    known as (

        select
            *,
            max({{ contract.watermark }}) over (
                partition by {{ contract.key | join(', ') }}
                order by load_number, _source_row
                rows between unbounded preceding and 1 preceding
            ) as newest_known
        from rows_read

    )

    select {{ contract.columns | join(', ') }}
    from known
    where newest_known is null or {{ contract.watermark }} >= newest_known
    {%- elif contract.kind == 'append' %}
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
    every_row as (

        select * from rows_read

    )

    select {{ contract.columns | join(', ') }} from every_row
    {%- endif %}
{%- endmacro %}


{#
    Of each load of changes, the last operation of each key, removals included; with its
    load_number.
#}
{% macro last_operations_of(source_name, table_name) -%}
    {%- set contract = contract_of(source_name, table_name) -%}
    {%- set order = 'raw_rows.' ~ contract.order ~ ' desc nulls last,' if contract.order else '' -%}
    select * from (
        select
            {{ prefixed(contract.columns, 'raw_rows') }},
            loads.load_number,
            row_number() over (
                partition by loads.load_number, {{ prefixed(contract.key, 'raw_rows') }}
                order by {{ order }} raw_rows._source_row desc
            ) as place
        from {{ source(source_name, table_name) }} as raw_rows
        inner join ({{ counted_loads(source_name, table_name) }}) as loads
            on raw_rows.extract_date = loads.extract_date
            and raw_rows.load_id = loads.load_id
        where raw_rows.extract_date <= {{ as_of() }}
            and loads.kind = 'changes'
    ) as ranked
    where place = 1
{%- endmacro %}
