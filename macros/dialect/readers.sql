{#
    Who may read what was built. A table that is built anew has lost its grants (Redshift) or its
    tags (Athena), so this is said after each build, in the same transaction where there is one.

    var readers     Redshift: the roles per kind of place, {marts: [analyst], restricted: [desk]}
    var access_tag  Athena: the key of a tag in Lake Formation with the values marts and restricted
#}

{# Before a build: its readers may look into the schemas that are in it. #}
{% macro open_schemas() -%}
    {{ return(adapter.dispatch('open_schemas')()) }}
{%- endmacro %}

{# DuckDB: who can read the file can read all of it. Athena: the tags say all. #}
{% macro default__open_schemas() -%}{%- endmacro %}

{#
    Redshift: once a run and not with each table, as grants of two transactions on one schema get in
    each other's way.
#}
{% macro redshift__open_schemas() -%}
    {%- set opened = [] -%}
    {%- for id in selected_resources if id in graph.nodes -%}
        {%- set node = graph.nodes[id] -%}
        {%- for role in readers_of(node.fqn[1]) if node.resource_type == 'model' -%}
            {%- do opened.append('grant usage on schema ' ~ node.schema ~ ' to role ' ~ role) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ opened | unique | join(';\n') }}
{%- endmacro %}


{# After a build: the readers of this kind of place may read `this`. #}
{% macro let_read(place) -%}
    {{ return(adapter.dispatch('let_read')(place)) }}
{%- endmacro %}

{# DuckDB: nothing, as above. #}
{% macro default__let_read(place) -%}{%- endmacro %}

{# Athena knows no grants: the tag is set, and Lake Formation says who reads tables with it. #}
{% macro athena__let_read(place) -%}
    {% if var('access_tag') and execute %}
        {% do adapter.add_lf_tags(this, {'enabled': true, 'tags': {var('access_tag'): place}}) %}
    {% endif %}
{%- endmacro %}

{# Redshift: a grant to each role. #}
{% macro redshift__let_read(place) -%}
    {%- for role in readers_of(place) -%}
        grant select on {{ this }} to role {{ role }};
    {% endfor -%}
{%- endmacro %}
