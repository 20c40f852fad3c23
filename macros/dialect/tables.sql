{#
    Tables that are not models: history and its record. Each branch is atomic where its engine lets
    it be.
#}

{% macro as_timestamp(value) -%}
    {{ return(adapter.dispatch('as_timestamp')(value)) }}
{%- endmacro %}

{# DuckDB, Redshift: one kind of timestamp. #}
{% macro default__as_timestamp(value) -%}
    cast({{ value }} as timestamp)
{%- endmacro %}

{# Athena: Iceberg tables hold microseconds, raw tables milliseconds. #}
{% macro athena__as_timestamp(value) -%}
    cast({{ value }} as timestamp(6))
{%- endmacro %}


{% macro create_record_table(relation, columns) -%}
    {{ return(adapter.dispatch('create_record_table')(relation, columns)) }}
{%- endmacro %}

{# DuckDB, Redshift: as the standard says. #}
{% macro default__create_record_table(relation, columns) -%}
    create table if not exists {{ relation }} (
        {%- for name, type in columns.items() %}
        {{ name }} {{ 'varchar(256)' if type == 'string' else type }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{# Athena: Iceberg, which alone takes merge; the place must be given. #}
{% macro athena__create_record_table(relation, columns) -%}
    create table if not exists {{ relation.render_hive() }} (
        {%- for name, type in columns.items() %}
        {{ name }} {{ type }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
    location '{{ target.s3_data_dir.rstrip('/') }}/{{ relation.schema }}/{{ relation.identifier }}'
    tblproperties ('table_type' = 'ICEBERG', 'format' = 'parquet', 'write_compression' = 'snappy')
{%- endmacro %}


{% macro build_beside(relation, query) -%}
    {{ return(adapter.dispatch('build_beside')(relation, query)) }}
{%- endmacro %}

{# DuckDB, Redshift: create table as. #}
{% macro default__build_beside(relation, query) -%}
    {% do run_query('drop table if exists ' ~ relation) %}
    {% do run_query('create table ' ~ relation ~ ' as\n' ~ query) %}
{%- endmacro %}

{# Athena: an Iceberg table in a folder of its own, named after the run. #}
{% macro athena__build_beside(relation, query) -%}
    {% do run_query('drop table if exists ' ~ relation.render_hive()) %}
    {%- set place = [
        target.s3_data_dir.rstrip('/'), relation.schema, relation.identifier, invocation_id, ''
    ] | join('/') -%}
    {% do run_query(
        'create table ' ~ relation
        ~ " with (table_type = 'ICEBERG', is_external = false, format = 'PARQUET', location = '"
        ~ place ~ "') as\n" ~ query
    ) %}
{%- endmacro %}


{% macro put_in_place(relation, beside, exists, id, columns, before, after) -%}
    {{ return(adapter.dispatch('put_in_place')(
        relation, beside, exists, id, columns, before, after
    )) }}
{%- endmacro %}

{#
    DuckDB, Redshift: drop and rename in one transaction; a reader sees the old table or the new
    one.
#}
{% macro default__put_in_place(relation, beside, exists, id, columns, before, after) -%}
    {%- set statements = before + [
        'drop table if exists ' ~ relation,
        'alter table ' ~ beside ~ ' rename to ' ~ relation.identifier,
    ] + after -%}
    {# what came before is committed by itself: the transaction holds these and nothing else #}
    {% do adapter.commit() %}
    {%- for text in statements -%}
        {%- call statement('put_in_place', auto_begin=true) -%}{{ text }}{%- endcall -%}
    {%- endfor -%}
    {% do adapter.commit() %}
{%- endmacro %}


{#
    Athena has no transaction over statements: one merge makes the old table equal to the new (a
    reader sees one or the other), and `after` follows; a crash between the two makes the next run
    do it again.
#}
{% macro athena__put_in_place(relation, beside, exists, id, columns, before, after) -%}
    {% for statement in before %}{% do run_query(statement) %}{% endfor %}
    {%- if not exists -%}
        {% do run_query(
            'alter table ' ~ beside.render_hive() ~ ' rename to ' ~ relation.render_hive()
        ) %}
    {%- else -%}
        {% set merge %}
            merge into {{ relation }} as was
            using (
                select {{ columns | join(', ') }}, false as is_gone from {{ beside }}
                union all
                select {{ prefixed(columns, 'was') }}, true as is_gone
                from {{ relation }} as was
                left join {{ beside }} as wanted on was.{{ id }} = wanted.{{ id }}
                where wanted.{{ id }} is null
            ) as wanted
            on was.{{ id }} = wanted.{{ id }}
            when matched and wanted.is_gone then delete
            when matched then update set
                {%- for column in columns %}
                {{ column }} = wanted.{{ column }}{{ ',' if not loop.last }}
                {%- endfor %}
            when not matched then insert ({{ columns | join(', ') }})
                values ({{ prefixed(columns, 'wanted') }})
        {% endset %}
        {% do run_query(merge) %}
        {% do run_query('drop table if exists ' ~ beside.render_hive()) %}
    {%- endif -%}
    {% for statement in after %}{% do run_query(statement) %}{% endfor %}
{%- endmacro %}
