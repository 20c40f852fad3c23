{#
    The roles that may read a kind of place, `marts` or `restricted`, from the variable `readers`. A
    name that is neither is a mistake that would leave somebody out without a word.
#}
{% macro readers_of(place) -%}
    {% for name in var('readers') if name not in ['marts', 'restricted'] %}
        {{ exceptions.raise_compiler_error(
            "the variable readers names '" ~ name ~ "', which is no place: write marts or"
            ~ " restricted"
        ) }}
    {% endfor %}
    {{ return(var('readers').get(place) or []) }}
{%- endmacro %}
