{#
    A relation that nothing builds keeps the rows of its last build, also of persons who are
    forgotten since. In the schemas of models alone: histories keep tables of their own beside them.
#}
{% macro name_unknown_relations() -%}
    {%- set known = {} -%}
    {%- for node in graph.nodes.values() if node.resource_type in ['model', 'seed'] -%}
        {%- do known.setdefault((node.database, node.schema), []).append(node.alias | lower) -%}
    {%- endfor -%}
    {%- for (database, schema), names in known.items() -%}
        {%- set place = api.Relation.create(database=database, schema=schema) -%}
        {%- for relation in list_relations_without_caching(place) -%}
            {%- if relation.name | lower not in names -%}
                {%- do log(schema ~ '.' ~ relation.name, info=true) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}
