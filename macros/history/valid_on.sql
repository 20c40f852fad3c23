{#
    An `or` in a condition lets DuckDB compare each fact with each version of a dimension: so what
    has no end ends on the last day of all, and a fact of that day counts as of the day before.
#}
{% macro valid_on(alias, day) -%}
    {{ alias }}.valid_from <= {{ day }}
        and coalesce({{ alias }}.valid_to, date '9999-12-31') > least({{ day }}, date '9999-12-30')
{%- endmacro %}


{#
    Facts are older than the first extract, and keys come and go: so a key's first version reaches
    back to 1900-01-01, and a gap (gone, then back; or gone for good) belongs to the version before
    it. What was really seen is in columns of its own.
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


{# For each dimension that a fact has a version of: the join that an analyst would write. #}
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
