{#
    Every change of the SQL counts as a change of the definition: building a history again is cheap,
    missing a change is not.
#}
{% macro history_of(snapshot) %}
    {#- a snapshot reads its own base model, and those of the loads -#}
    {% set base = graph.nodes.values() | selectattr('unique_id', 'in', snapshot.depends_on.nodes)
        | rejectattr('fqn.2', 'equalto', 'landfall') | first %}
    {% set contract = contract_of_base(base.name) %}
    {% set raw = contract_of(contract.source_name, contract.table_name) %}
    {{ return({
        'name': snapshot.name,
        'key': snapshot.config.unique_key,
        'snapshot': snapshot,
        'base_name': base.name,
        'base': api.Relation.create(
            database=base.database, schema=base.schema, identifier=base.alias, type='view'
        ),
        'contract': contract,
        'relation': api.Relation.create(
            database=snapshot.database,
            schema=snapshot.schema,
            identifier=snapshot.alias,
            type='table'
        ),
        'definition': local_md5([
            snapshot.raw_code, base.raw_code,
            raw.kind, raw.key, raw.watermark, raw.removal, raw.order, 'row_hash 1'
        ] | join('\n')),
    }) }}
{% endmacro %}


{% macro history_step(history) %}
    {% if load_relation(history.base) is none %}
        {{ return({
            'step': 'refuse',
            'why': history.base_name ~ ' is not there: make it with `dbt run --select tag:base`'
        }) }}
    {% endif %}
    {% set query %}
        with counted as (
            {{ counted_loads(history.contract) }}
        ),

        taken as (
            select * from {{ taken_loads() }}
            where snapshot_name = '{{ history.name }}'
        ),

        pending as (
            select counted.extract_date
            from counted
            left join taken on counted.load_id = taken.load_id
            where taken.load_id is null
        ),

        withdrawn as (
            select taken.load_id
            from taken
            left join counted on taken.load_id = counted.load_id
            where counted.load_id is null
        )

        select
            (select count(distinct extract_date) from pending) as pending_dates,
            (select {{ as_text('min(extract_date)') }} from pending) as first_pending,
            (select {{ as_text('max(extract_date)') }} from taken) as newest_taken,
            (select count(*) from withdrawn) as withdrawn,
            (
                select count(*) from taken
                where hash_definition <> '{{ history.definition }}'
            ) as redefined
    {% endset %}
    {% set found = run_query(query).rows[0] %}
    {% set pending, withdrawn = found['pending_dates'] | int, found['withdrawn'] | int %}
    {% set first, newest = found['first_pending'], found['newest_taken'] %}
    {% set cap = var('as_of') | string %}
    {% set table = load_relation(history.relation) %}
    {% if newest and newest > cap %}
        {% set step = 'refuse' %}
        {% set why = later_days_taken('it', newest, cap) %}
    {% elif newest and table is none %}
        {% set step, why = 'backfill', 'its table is gone' %}
    {% elif found['redefined'] | int > 0 %}
        {% set step, why = 'backfill', 'what makes a version has changed' %}
    {% elif withdrawn > 0 %}
        {% set step, why = 'backfill', 'loads it took that no longer count: ' ~ withdrawn %}
    {% elif not newest and table is not none and count_rows(table) > 0 %}
        {% set step, why = 'backfill', 'no record says from which loads it was built' %}
    {% elif pending == 0 %}
        {% set step, why = 'nothing', 'every load is taken' %}
    {% elif newest and first <= newest %}
        {% set step = 'backfill' %}
        {% set why = 'an extract of ' ~ first ~ ' came after that of ' ~ newest ~ ' was taken' %}
    {% elif pending == 1 %}
        {% set step, why = 'snapshot', 'one extract date is pending, ' ~ first %}
    {% else %}
        {% set step, why = 'backfill', pending ~ ' extract dates are pending, from ' ~ first %}
    {% endif %}
    {{ return({'step': step, 'why': why}) }}
{% endmacro %}


{% macro later_days_taken(what, newest, cap) %}
    {{ return(
        what ~ ' has taken extracts up to ' ~ newest ~ ', after ' ~ cap ~ ': build an earlier day'
        ~ ' beside it, into a name of its own:'
        ~ ' `python -m ingestion run --as-of ' ~ cap ~ ' --into NAME`'
    ) }}
{% endmacro %}


{% macro count_rows(relation, condition='1 = 1') %}
    {{ return(
        run_query('select count(*) from ' ~ relation ~ ' where ' ~ condition).rows[0][0] | int
    ) }}
{% endmacro %}
