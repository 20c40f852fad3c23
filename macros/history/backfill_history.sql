{% macro backfill_history(snapshots=none, full_refresh=false) %}
    {#- the hook that makes these schemas runs before builds, but not before operations -#}
    {% set external_schemas = create_external_schemas() | trim %}
    {% if external_schemas %}{% do run_query(external_schemas) %}{% endif %}
    {% do create_records() %}
    {% do refuse_an_earlier_day() %}
    {% set every = graph.nodes.values() | selectattr('resource_type', 'equalto', 'snapshot') %}
    {% for snapshot in every | sort(attribute='name') %}
        {% if snapshots is none or snapshot.name in snapshots %}
            {% set history = history_of(snapshot) %}
            {% set next = history_step(history) %}
            {% if next.step == 'refuse' %}
                {% do log(history.name ~ ': refused, ' ~ next.why, info=true) %}
            {% elif next.step == 'backfill' or full_refresh %}
                {% set why = next.why if next.step == 'backfill' else 'asked for' %}
                {% set done = build_history(history, why, full_refresh) %}
                {% do log(history.name ~ ': ' ~ done ~ ' (' ~ why ~ ')', info=true) %}
            {% else %}
                {% set left = 'left to the snapshot' if next.step == 'snapshot' else 'left alone' %}
                {% do log(history.name ~ ': ' ~ left ~ ', ' ~ next.why, info=true) %}
            {% endif %}
        {% endif %}
    {% endfor %}
{% endmacro %}


{#- One line in the place of an error for each snapshot, and before anything is built. -#}
{% macro refuse_an_earlier_day() %}
    {% set cap = var('as_of') | string %}
    {% set query = 'select ' ~ as_text('max(extract_date)') ~ ' as newest from ' ~ taken_loads() %}
    {% set newest = run_query(query).rows[0]['newest'] %}
    {% if newest and newest > cap %}
        {% do exceptions.raise_compiler_error(later_days_taken('this warehouse', newest, cap)) %}
    {% endif %}
{% endmacro %}


{% macro build_history(history, why, asked=false) %}
    {% set wrong = '' if asked else lost_loads(history) %}
    {% if wrong %}{{ return('left as it is: ' ~ wrong) }}{% endif %}
    {% set beside = history.relation.incorporate(
        path={'identifier': history.relation.identifier ~ '__backfill'}
    ) %}
    {% do adapter.create_schema(history.relation) %}
    {% do build_beside(beside, history_query(history)) %}
    {% set wrong = history_faults(history, beside) %}
    {% if not wrong and not asked %}{% set wrong = lost_rows(history, beside) %}{% endif %}
    {% if wrong %}
        {% do adapter.drop_relation(beside) %}
        {{ return('left as it is, because the rows from the extracts can\'t be right: ' ~ wrong) }}
    {% endif %}
    {% set exists = load_relation(history.relation) is not none %}
    {% set changes = [changes_statement(history, beside, why)] if exists else [] %}
    {% set columns = adapter.get_columns_in_relation(beside) | map(attribute='name') | list %}
    {% set this_one = " where snapshot_name = '" ~ history.name ~ "'" %}
    {% set records = [
        'delete from ' ~ taken_loads() ~ this_one,
        record_statement(history, 'backfill'),
        'delete from ' ~ history_sizes() ~ this_one,
        size_statement(history, history.relation),
    ] %}
    {% do put_in_place(history.relation, beside, exists, 'dbt_scd_id', columns, changes, records) %}
    {% set changed = changes_in_words(history) if exists else '' %}
    {{ return('backfilled, versions ' ~ count_rows(history.relation) ~ changed) }}
{% endmacro %}


{#
    A manifest still knows a load that was retracted or landed again. A load that no manifest knows
    was in another lake.
#}
{% macro lost_loads(history) %}
    {% set query %}
        select count(*) as lost
        from {{ taken_loads() }} as taken
        left join {{ ref('base_landfall__loads') }} as loads
            on taken.load_id = loads.load_id
            and loads.source_name = '{{ history.contract.source_name }}'
            and loads.table_name = '{{ history.contract.table_name }}'
        where taken.snapshot_name = '{{ history.name }}'
            and loads.load_id is null
    {% endset %}
    {% set lost = run_query(query).rows[0]['lost'] | int %}
    {% if lost == 0 %}{{ return('') }}{% endif %}
    {{ return(
        lost ~ ' of the loads that it was made from are in no manifest. Look whether LANDFALL_LAKE'
        ~ ' is the right lake. If it is, build the history again:'
        ~ ' `python -m ingestion run --full-refresh`'
    ) }}
{% endmacro %}


{% macro history_faults(history, relation) %}
    {% set query %}
        select
            (select count(*) from {{ relation }} where {{ history.key }} is null) as without_key,
            (select count(*) - count(distinct dbt_scd_id) from {{ relation }}) as twice,
            (
                select count(*) - count(distinct {{ history.key }}) from {{ relation }}
                where dbt_valid_to is null
            ) as open_twice
    {% endset %}
    {% set found = run_query(query).rows[0] %}
    {% set faults = [] %}
    {% for name in ['without_key', 'twice', 'open_twice'] if found[name] | int > 0 %}
        {% do faults.append(name | replace('_', ' ') ~ ' ' ~ found[name]) %}
    {% endfor %}
    {{ return(faults | join(', ')) }}
{% endmacro %}


{#
    Fewer rows than before are right after a retraction or a late extract, since landing has
    compared the extracts. Fewer rows than the raw table has are right for a model that leaves some
    out. Only both together are a fault.
#}
{% macro lost_rows(history, beside) %}
    {% set contract = history.contract %}
    {% if load_relation(history.relation) is none or contract.may_be_empty %}
        {{ return('') }}
    {% endif %}
    {% set built = count_rows(beside, 'dbt_valid_to is null') %}
    {% set open = count_rows(history.relation, 'dbt_valid_to is null') %}
    {% if not far_fewer(contract, built, open) %}{{ return('') }}{% endif %}
    {% set state = state_of(history.contract.source_name, history.contract.table_name) %}
    {% set landed = count_rows('(' ~ state ~ ') as landed') %}
    {% if not far_fewer(contract, built, landed) %}{{ return('') }}{% endif %}
    {{ return(
        'only ' ~ built ~ ' rows where ' ~ open ~ ' were, and ' ~ landed ~ ' are landed. Correct '
        ~ history.base_name
        ~ ', or, if the rows are right, `python -m ingestion run --full-refresh`'
    ) }}
{% endmacro %}
