{% macro state_of(source_name, table_name) -%}
    {#- before the contract is known: dbt collects edges while it parses, when no contract is -#}
    {%- set rows = source(source_name, table_name) -%}
    {%- set contract = contract_of(source_name, table_name) if knows_contracts() else none -%}
    {{ state_in(rows, contract) }}
{%- endmacro %}


{% macro state_of_base(base_name) -%}
    {%- set rows = ref(base_name) -%}
    {%- set contract = contract_of_base(base_name) if knows_contracts() else none -%}
    {{ state_in(rows, contract) }}
{%- endmacro %}


{#
    A staging table shows the loads with which it was built. History must read the loads of this
    run, or it would record an old state under a new date.
#}
{% macro state_now_of(base_name) -%}
    {%- set rows = ref(base_name) -%}
    {%- set contract = contract_of_base(base_name) if knows_contracts() else none -%}
    {%- if contract -%}
        {%- do contract.columns.append('row_hash') -%}
        {%- do contract.read.append('row_hash') -%}
    {%- endif -%}
    {{ state_in(rows, contract, may_be_handed_over=false) }}
{%- endmacro %}


{% macro state_in(rows, contract, may_be_handed_over=true) -%}
    {#- edges for dbt's graph: the queries below name both later -#}
    {%- do ref('base_landfall__quarantined_rows') -%}
    {%- do ref('base_landfall__loads') -%}
    {#- a unit test has no contracts: its fixture is the state -#}
    {%- if contract is none -%}
    select * from {{ rows }}
    {%- else -%}
    {%- set given = handed_over(contract) if may_be_handed_over else none -%}
    with loads as (

        {{ loads_known(contract, given) }}

    ),
    {% if not contract.key or is_one_full_load(given) %}
    {{ newest_load_of(rows, contract, given) }}
    {%- elif contract.kind == 'incremental' %}
    {{ one_row_per_key_of(rows, contract, [
        contract.watermark ~ ' desc nulls last', 'load_number desc', contract.source_row ~ ' desc'
    ]) }}
    {%- elif contract.kind == 'append' %}
    {{ one_row_per_key_of(rows, contract, ['load_number', contract.source_row]) }}
    {%- else %}
    {{ newest_and_kept_rows_of(rows, contract, given) }}
    {%- endif %}
    {%- endif -%}
{%- endmacro %}


{# One full load is itself the state: it has one row of each key. #}
{% macro is_one_full_load(given) %}
    {{ return(given is not none and given | map(attribute='kind') | list == ['full']) }}
{% endmacro %}


{# Rows without a key cannot be told apart, so no row of an earlier load can be kept. #}
{% macro newest_load_of(rows, contract, given) -%}
    newest_load as (

        select * from (
            select
                *,
                max(load_number) over () as newest_number
            from loads
        ) as numbered
        where load_number = newest_number

    )

    select
        {{ prefixed(contract.columns, 'raw_rows') }}
    from {{ rows }} as raw_rows
    inner join newest_load
        on raw_rows.extract_date = newest_load.extract_date
        and raw_rows.load_id = newest_load.load_id
    where {{ read_only(given, 'newest_load') }}
{%- endmacro %}


{% macro one_row_per_key_of(rows, contract, order) -%}
    rows_read as (

        select
            {{ prefixed(contract.read, 'raw_rows') }},
            {{ row_key(contract.key, 'raw_rows') }} as row_key,
            loads.load_number
        from {{ rows }} as raw_rows
        inner join loads
            on raw_rows.extract_date = loads.extract_date
            and raw_rows.load_id = loads.load_id
        where raw_rows.extract_date <= {{ as_of() }}

    ),

    ranked as (

        select
            *,
            row_number() over (
                partition by row_key order by {{ order | join(', ') }}
            ) as place
        from rows_read

    )

    select
        {{ contract.columns | join(',\n        ') }}
    from ranked
    where place = 1
        {%- if contract.removal %}
        and not {{ contract.removal }}
        {%- endif %}
{%- endmacro %}


{% macro newest_and_kept_rows_of(rows, contract, given) -%}
    {%- set order = contract.order ~ ' desc nulls last, ' if contract.order else '' -%}
    {#- loads that were handed over tell whether any withheld a row: nearly always none did -#}
    {%- set withholding = (given or []) | selectattr('quarantined') | list -%}
    {%- set may_withhold = given is none or withholding -%}
    reading as (

        select * from loads
        where holds_state

    ),

    rows_read as (

        select
            {{ prefixed(contract.read, 'raw_rows') }},
            {{ row_key(contract.key, 'raw_rows') }} as row_key,
            reading.load_number,
            reading.closed_by
        from {{ rows }} as raw_rows
        inner join reading
            on raw_rows.extract_date = reading.extract_date
            and raw_rows.load_id = reading.load_id
        where {{ read_only(given, 'reading') }}

    ),

    newest_rows as (

        select * from (
            select
                *,
                row_number() over (
                    partition by row_key
                    order by load_number desc, {{ order }}{{ contract.source_row }} desc
                ) as place
            from rows_read
        ) as ranked
        where place = 1

    )

    {%- if may_withhold %},

    {{ closers_of_withheld(contract, 'reading') }}
    {%- endif %}

    select
        {{ prefixed(contract.columns, 'newest_rows') }}
    from newest_rows
    {%- if may_withhold %}
    left join closers_of_withheld
        on newest_rows.row_key = closers_of_withheld.row_key
        and newest_rows.load_number = closers_of_withheld.load_number
    where case
            when closers_of_withheld.row_key is null then newest_rows.closed_by
            else closers_of_withheld.closed_by
        end is null
    {%- else %}
    where newest_rows.closed_by is null
    {%- endif %}
        {%- if contract.removal %}
        and not {{ contract.removal }}
        {%- endif %}
{%- endmacro %}


{#
    Few keys have a withheld row. For them these two CTEs over the CTE of `loads` find the load that
    closes the row before.
#}
{% macro closers_of_withheld(contract, loads) -%}
    withheld_by_name as (

        select distinct
            quarantined_rows.row_key,
            {{ loads }}.load_number
        from {{ ref('base_landfall__quarantined_rows') }} as quarantined_rows
        inner join {{ loads }}
            on quarantined_rows.load_id = {{ loads }}.load_id
        where quarantined_rows.source_name = '{{ contract.source_name }}'
            and quarantined_rows.table_name = '{{ contract.table_name }}'
            and quarantined_rows.row_key is not null

    ),

    closers_of_withheld as (

        select
            withheld_keys.row_key,
            {{ loads }}.load_number,
            min(
                case
                    when {{ loads }}.kind = 'full'
                        and {{ loads }}.unreadable_keys = 0
                        and withheld_by_name.row_key is null
                        then {{ loads }}.load_number
                end
            ) over (
                partition by withheld_keys.row_key
                order by {{ loads }}.load_number
                rows between 1 following and unbounded following
            ) as closed_by
        from (select distinct row_key from withheld_by_name) as withheld_keys
        cross join {{ loads }}
        left join withheld_by_name
            on withheld_keys.row_key = withheld_by_name.row_key
            and {{ loads }}.load_number = withheld_by_name.load_number

    )
{%- endmacro %}


{% macro prefixed(columns, alias) -%}
    {%- for column in columns -%}
        {{ alias }}.{{ column }}{{ ',\n            ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
