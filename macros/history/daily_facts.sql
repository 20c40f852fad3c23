{#
    A daily fact has a row per day and thing that existed on it. Most of its days never change, so a
    run builds only the days whose source has changed (docs/decisions/days_are_built_once.md).
#}
{% macro built_days() %}{{ return(record_of('built_days')) }}{% endmacro %}


{% macro create_built_days() -%}
    {{ create_record_table(built_days(), {
        'model_name': 'string',
        'built_day': 'date',
        'fingerprint': 'string',
        'project_hash': 'string',
        'built_at': 'timestamp',
        'invocation_id': 'string',
    }) }}
{%- endmacro %}


{# A command that builds nothing does not even ask the engine whether a table exists. #}
{% macro is_grown() %}
    {% set builds_nothing = flags.WHICH in ('compile', 'generate', 'list', 'show', 'test') %}
    {{ return(not builds_nothing and is_incremental()) }}
{% endmacro %}


{# dbt's own macro looks at the flag alone. #}
{% macro should_full_refresh() %}
    {% set told = config.get('full_refresh') %}
    {% set told = flags.FULL_REFRESH if told is none else told %}
    {% if told or config.get('materialized') != 'incremental' %}{{ return(told) }}{% endif %}
    {% set others %}
        select count(*) as days
        from {{ built_days() }}
        where model_name = '{{ this.identifier }}' and project_hash <> '{{ var('project_hash') }}'
    {% endset %}
    {{ return(run_query(others).rows[0][0] > 0) }}
{% endmacro %}


{#
    A daily fact names its hooks in its own file: if a macro named them, dbt would keep them as it
    first read them. The record never has a day that the table lacks: a day leaves the record before
    its rows are deleted, and enters it after they are built. A run that is killed in between builds
    the day again.
#}
{% macro daily_fact(day, dist) %}
    {% set settings = dict(engine_config(dist=dist, sort=[day])) %}
    {% do settings.update({
        'materialized': 'incremental',
        'incremental_strategy': 'append',
        'on_schema_change': 'fail',
    }) %}
    {{ return(settings) }}
{% endmacro %}


{% macro forget_days_to_build(fingerprints, day) %}
    {%- if is_grown() %}{{ forget_changed_days(fingerprints, day) }}{% endif -%}
{% endmacro %}


{% macro delete_days_to_build(day) %}
    {%- if is_grown() %}
    delete from {{ this }} where {{ is_to_be_built(day) }}
    {%- endif -%}
{% endmacro %}


{% macro forget_changed_days(fingerprints, day) %}
    delete from {{ built_days() }}
    where model_name = '{{ this.identifier }}'
        and (
            project_hash <> '{{ var('project_hash') }}'
            or cast(built_day as varchar(10)) || ' ' || fingerprint not in (
                select cast({{ day }} as varchar(10)) || ' ' || fingerprint
                from {{ ref(fingerprints) }}
            )
        )
{% endmacro %}


{% macro remember_days(fingerprints, day) %}
    insert into {{ built_days() }}
    select distinct
        '{{ this.identifier }}' as model_name,
        {{ day }} as built_day,
        fingerprint,
        '{{ var('project_hash') }}' as project_hash,
        {{ recorded_at() }} as built_at,
        '{{ invocation_id }}' as invocation_id
    from {{ ref(fingerprints) }}
    where {{ is_to_be_built(day) }}
{% endmacro %}


{% macro is_to_be_built(day) -%}
    {{ day }} not in (
        select built_day from {{ built_days() }} where model_name = '{{ this.identifier }}'
    )
{%- endmacro %}


{#
    A row of a daily fact is made of versions that are valid on its day. A row of `parts` is such a
    version, or two joined ones, valid from `first_day` until before `last_day`. The fingerprint of
    a day is the sum of the hashes of all parts that are valid on it, and of what the rows tell
    about the day itself (`told`). The sum is found without a row per day and version.
#}
{% macro day_fingerprints(parts, delivered, day, told) -%}
    moves as (

        select
            first_day as moved_on,
            cast({{ hash_number('part') }} as decimal(38, 0)) as moved
        from {{ parts }}
        union all
        select
            last_day as moved_on,
            -cast({{ hash_number('part') }} as decimal(38, 0)) as moved
        from {{ parts }}
        union all
        select
            {{ day }} as moved_on,
            cast(0 as decimal(38, 0)) as moved
        from {{ delivered }}

    ),

    moved_by_day as (

        select
            moved_on,
            sum(moved) as moved
        from moves
        group by moved_on

    ),

    held as (

        select
            moved_on as held_on,
            sum(moved) over (order by moved_on rows unbounded preceding) as held
        from moved_by_day

    ),

    told as (

        select
            {{ day }} as told_on,
            sum(cast({{ hash_number(told) }} as decimal(38, 0))) as told
        from {{ delivered }}
        group by {{ day }}

    ),

    fingerprinted as (

        select
            delivered.*,
            {{ as_text('held.held + told.told') }} as fingerprint
        from {{ delivered }} as delivered
        inner join held
            on delivered.{{ day }} = held.held_on
        inner join told
            on delivered.{{ day }} = told.told_on

    )
{%- endmacro %}
