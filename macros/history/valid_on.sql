{#
    With an `or` in the condition, DuckDB would compare each fact with each version of a dimension.
    So a version without an end ends on the last day of all, and a fact of that day counts as of the
    day before.
#}
{% macro valid_on(alias, day) -%}
    {{ alias }}.valid_from <= {{ day }}
        and coalesce({{ alias }}.valid_to, date '9999-12-31') > least({{ day }}, date '9999-12-30')
{%- endmacro %}


{#
    Facts may be older than the first extract, so the first version of a key reaches back to
    1900-01-01. A key may be gone for a time or for good: such a gap belongs to the version before
    it. The days on which extracts had the version are in columns of their own.
#}
{% macro versions_of(snapshot, key) -%}
    select
        snapshot_rows.*,
        case
            when row_number() over (partition by {{ key }} order by dbt_valid_from) = 1
                then date '1900-01-01'
            else cast(dbt_valid_from as date)
        end as valid_from,
        lead(cast(dbt_valid_from as date)) over (
            partition by {{ key }} order by dbt_valid_from
        ) as valid_to,
        cast(dbt_valid_from as date) as seen_from,
        cast(dbt_valid_to as date) as seen_to,
        row_number() over (partition by {{ key }} order by dbt_valid_from desc) = 1 as is_current
    from {{ snapshot }} as snapshot_rows
{%- endmacro %}


{# It joins as an analyst would, for one dimension of a fact. #}
{% macro facts_of_another_version(fact, role, day, dimension, entity) -%}
    select
        '{{ fact.identifier }}' as fact,
        '{{ role }}_key' as key_column,
        count(*) as facts
    from {{ fact }} as facts
    left join {{ dimension }} as versions
        on facts.{{ role }}_durable_key = versions.{{ entity }}_durable_key
        and {{ valid_on('versions', day) }}
    where facts.{{ role }}_key <> coalesce(versions.{{ entity }}_key, {{ unknown_member() }})
    having count(*) > 0
{%- endmacro %}
