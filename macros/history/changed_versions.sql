{% macro changed_versions() %}{{ return(record_of('changed_versions')) }}{% endmacro %}


{% macro create_changed_versions() -%}
    {{ create_record_table(changed_versions(), {
        'snapshot_name': 'string',
        'change': 'string',
        'version_key': 'string',
        'dbt_scd_id': 'string',
        'valid_from': 'timestamp',
        'valid_to_before': 'timestamp',
        'valid_to_after': 'timestamp',
        'load_id': 'string',
        'why': 'string',
        'changed_at': 'timestamp',
        'invocation_id': 'string',
    }) }}
{%- endmacro %}


{% macro changes_statement(history, beside, why) %}
    {% set never = as_timestamp("'9999-12-31 00:00:00'") %}
    insert into {{ changed_versions() }}
    select
        '{{ history.name }}' as snapshot_name,
        case
            when was.dbt_scd_id is null then 'added'
            when made.dbt_scd_id is null then 'removed'
            else 'changed'
        end as change,
        {{ as_text('coalesce(made.' ~ history.key ~ ', was.' ~ history.key ~ ')') }} as version_key,
        coalesce(made.dbt_scd_id, was.dbt_scd_id) as dbt_scd_id,
        coalesce(made.dbt_valid_from, was.dbt_valid_from) as valid_from,
        was.dbt_valid_to as valid_to_before,
        made.dbt_valid_to as valid_to_after,
        coalesce(made.load_id, was.load_id) as load_id,
        '{{ why }}' as why,
        {{ recorded_at() }} as changed_at,
        '{{ invocation_id }}' as invocation_id
    from {{ beside }} as made
    full outer join {{ history.relation }} as was
        on made.dbt_scd_id = was.dbt_scd_id
    where made.dbt_scd_id is null
        or was.dbt_scd_id is null
        or made.row_hash <> was.row_hash
        or coalesce(made.dbt_valid_to, {{ never }}) <> coalesce(was.dbt_valid_to, {{ never }})
{% endmacro %}


{% macro changes_in_words(history) %}
    {% set query %}
        select change, count(*) as versions, {{ as_text('cast(min(valid_from) as date)') }} as since
        from {{ changed_versions() }}
        where snapshot_name = '{{ history.name }}' and invocation_id = '{{ invocation_id }}'
        group by change
        order by change
    {% endset %}
    {% set words = [] %}
    {% for row in run_query(query).rows %}
        {% do words.append(
            row['change'] ~ ' ' ~ row['versions'] ~ ' (the first from ' ~ row['since'] ~ ')'
        ) %}
    {% endfor %}
    {% if not words %}{{ return(', none changed') }}{% endif %}
    {{ return(', ' ~ words | join(', ') ~ ': see ' ~ changed_versions()) }}
{% endmacro %}
