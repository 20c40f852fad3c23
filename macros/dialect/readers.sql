{#
    Who may read what was built. A table that is built anew has lost its grants (Redshift) or its
    tags (Athena), so this is said after each build, in the same transaction where there is one.
    When a run is done, it compares what is granted with what is declared (ingestion/access/).

    var access                  declaration: Redshift grants to its roles (docs/guides/access.md)
    LANDFALL_ATHENA_ACCESS_TAG  Athena: the key of a tag in Lake Formation, its values are places
#}

{% macro open_schemas() -%}
    {{ return(adapter.dispatch('open_schemas')()) }}
{%- endmacro %}

{# DuckDB: each role has a file of its own. Athena: the tags say all. #}
{% macro default__open_schemas() -%}{%- endmacro %}

{#
    Redshift: once a run and not with each table, as grants of two transactions on one schema get in
    each other's way. A role that is declared and not there is made.
#}
{% macro redshift__open_schemas() -%}
    {%- set opened = [] -%}
    {%- if execute and flags.WHICH in ['build', 'run', 'seed', 'snapshot'] -%}
        {%- set there = run_query('select role_name from svv_roles').columns[0].values() -%}
        {%- for role in (var('access') or {}) if role not in (there | map('trim') | list) -%}
            {%- do opened.append('create role ' ~ role) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for id in selected_resources if id in graph.nodes -%}
        {%- set node = graph.nodes[id] -%}
        {%- if node.resource_type in ['model', 'snapshot', 'seed'] -%}
            {%- for role in readers_of(node) -%}
                {%- set usage = 'grant usage on schema ' ~ node.schema ~ ' to role ' ~ role -%}
                {%- do opened.append(usage) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {{ opened | unique | join(';\n') }}
{%- endmacro %}


{% macro let_read() -%}
    {{ return(adapter.dispatch('let_read')()) }}
{%- endmacro %}

{# DuckDB: nothing, as above. #}
{% macro default__let_read() -%}{%- endmacro %}

{# Athena knows no grants: the tag is set, and Lake Formation says who reads tables with it. #}
{% macro athena__let_read() -%}
    {% set key = env_var('LANDFALL_ATHENA_ACCESS_TAG', '') %}
    {% if key and execute %}
        {# a table's columns carry what it inherits from its database: not theirs to remove #}
        {% do adapter.add_lf_tags(
            this,
            {
                'enabled': true,
                'tags': {key: tag_value_of(model)},
                'inherited_tags': [key],
            }
        ) %}
    {% endif %}
{%- endmacro %}

{#
    Redshift: a grant to each role, of its columns where it may not read all. Masked columns, and
    tables of which a role reads some rows, are granted at the end of the run, once the policies
    are on (ingestion/access/grants.py).
#}
{% macro redshift__let_read() -%}
    {%- for role in readers_of(model) if not reads_some_rows(role, model) -%}
        {%- set columns = columns_for(role, model) -%}
        {%- if not reads_some_columns(role, model) -%}
            grant select on {{ this }} to role {{ role }};
        {%- elif columns -%}
            grant select ({{ columns | join(', ') }}) on {{ this }} to role {{ role }};
        {%- endif %}
    {% endfor -%}
{%- endmacro %}


{% macro access_granted(schemas, limited) -%}
    {{ return(adapter.dispatch('access_granted')(schemas, limited)) }}
{%- endmacro %}

{# DuckDB, Athena: there are no grants. #}
{% macro default__access_granted(schemas, limited) -%}{%- endmacro %}

{# Redshift: its own views of rights and policies; who owns a table is not in them. #}
{% macro redshift__access_granted(schemas, limited) -%}
    {%- set asked = [
        rights_on(schemas), policies_on(schemas), policies_there(), types_of_columns(limited)
    ] -%}
    {%- for query in asked if query | trim -%}
        {%- for row in run_query(query) -%}{%- do log(row[0] | trim, info=true) -%}{%- endfor -%}
    {%- endfor -%}
{%- endmacro %}


{% macro rights_on(schemas) -%}
    {%- set listed = "('" ~ schemas | join("', '") ~ "')" -%}
    select distinct
        'relation ' || identity_type || ':' || identity_name || ' ' || privilege_type || ' '
        || namespace_name || '.' || relation_name as told
    from svv_relation_privileges
    where namespace_name in {{ listed }} and identity_name <> current_user
    union all
    select distinct
        'column ' || identity_type || ':' || identity_name || ' ' || privilege_type || ' '
        || namespace_name || '.' || relation_name || '.' || column_name
    from svv_column_privileges
    where namespace_name in {{ listed }} and identity_name <> current_user
    union all
    select distinct
        'schema ' || identity_type || ':' || identity_name || ' ' || privilege_type || ' '
        || namespace_name
    from svv_schema_privileges
    where namespace_name in {{ listed }} and identity_name <> current_user
{%- endmacro %}


{# The columns of a mask are a list in JSON: ["email"]. #}
{% macro policies_on(schemas) -%}
    {%- set listed = "('" ~ schemas | join("', '") ~ "')" -%}
    select distinct
        'mask ' || grantee_type || ':' || grantee || ' ' || policy_name || ' ' || schema_name
        || '.' || table_name || '.'
        || replace(replace(btrim(output_columns, '[]'), '"', ''), ' ', '') as told
    from svv_attached_masking_policy
    where schema_name in {{ listed }}
    union all
    select distinct
        'rows ' || granteekind || ':' || grantee || ' ' || polname || ' ' || relschema
        || '.' || relname
    from svv_rls_attached_policy
    where relschema in {{ listed }}
    union all
    select distinct 'secured every:role on ' || relschema || '.' || relname
    from svv_rls_relation
    where relschema in {{ listed }} and is_rls_on
{%- endmacro %}


{% macro policies_there() -%}
    select 'policy ' || policy_name as told
    from svv_masking_policy
    union all
    select 'policy ' || polname
    from svv_rls_policy
{%- endmacro %}


{% macro types_of_columns(tables) -%}
    {%- if tables -%}
    select
        'type ' || table_schema || '.' || table_name || '.' || column_name || ' '
        || case
            when data_type in ('character varying', 'character')
                then data_type || '(' || character_maximum_length || ')'
            when data_type = 'numeric'
                then 'numeric(' || numeric_precision || ',' || numeric_scale || ')'
            else data_type
        end as told
    from svv_columns
    where table_schema || '.' || table_name in ('{{ tables | join("', '") }}')
    {%- endif -%}
{%- endmacro %}


{% macro change_access(statements) -%}
    {%- for text in statements -%}
        {%- call statement('change_access', auto_begin=true) -%}{{ text }}{%- endcall -%}
    {%- endfor -%}
    {% do adapter.commit() %}
{%- endmacro %}
