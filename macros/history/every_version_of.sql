{#
    Extracts overlap, so rows are delivered again. Key, watermark and content identify a version; it
    belongs to the load that first brought it.
#}
{% macro every_version_of(source_name, table_name) -%}
    {#- named here, so that dbt sees the edges while it parses and has no contracts yet -#}
    {%- set raw = source(source_name, table_name) -%}
    {%- set loads = ref('base_landfall__loads') -%}
    {%- if not execute or graph.sources is not defined -%}
    select
        raw_rows.*,
        1 as version_number,
        true as is_newest
    from {{ raw }} as raw_rows
    {%- else -%}
    {%- set contract = contract_of(source_name, table_name) -%}
    {%- set key = contract.key | join(', ') -%}
    with loads as (

        {{ counted_loads(contract) }}

    ),

    rows_read as (

        select
            {{ prefixed(contract.columns, 'raw_rows') }},
            loads.load_number,
            {{ content_hash(source_name, table_name) }} as content
        from {{ raw }} as raw_rows
        inner join loads
            on raw_rows.extract_date = loads.extract_date
            and raw_rows.load_id = loads.load_id
        where raw_rows.extract_date <= {{ as_of() }}

    ),

    repeated as (

        select
            *,
            row_number() over (
                partition by {{ key }}, content order by load_number, _source_row
            ) as times_seen,
            max(load_number) over (partition by {{ key }}, content) as last_seen
        from rows_read

    ),

    versions as (

        select
            *,
            row_number() over (
                partition by {{ key }}
                order by {{ contract.watermark }} nulls first, last_seen, _source_row
            ) as version_number,
            row_number() over (
                partition by {{ key }}
                order by {{ contract.watermark }} desc nulls last, last_seen desc, _source_row desc
            ) as place
        from repeated
        where times_seen = 1

    )

    select
        {{ contract.columns | join(',\n        ') }},
        version_number,
        place = 1 as is_newest
    from versions
    {%- endif -%}
{%- endmacro %}


{% macro content_hash(source_name, table_name) -%}
    {%- set node = graph.sources.values()
        | selectattr('source_name', 'equalto', source_name)
        | selectattr('name', 'equalto', table_name)
        | first -%}
    {%- set fields = [] -%}
    {%- for column in node.columns.values() -%}
        {%- set value = 'raw_rows.' ~ column.name -%}
        {%- if column.data_type == 'timestamp' -%}
            {%- set text = ms_text(value) -%}
        {%- elif column.data_type == 'boolean' -%}
            {%- set text = bool_text(value) -%}
        {%- else -%}
            {%- set text = as_text(value) -%}
        {%- endif -%}
        {%- do fields.append('coalesce(' ~ text ~ ', chr(30))') -%}
    {%- endfor -%}
    {{ text_hash(fields | join(' || chr(31)\n                || ')) }}
{%- endmacro %}


{% macro known_interval(key) -%}
    extract_date as valid_from,
    min(extract_date) over (
        partition by {{ key }} order by version_number
        rows between 1 following and unbounded following
    ) as valid_to
{%- endmacro %}
