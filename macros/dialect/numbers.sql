{#
    Numbers are decimals: doubles round differently on each engine. `ratio` divides them, because
    one engine keeps only two digits when it divides a decimal by a decimal.
#}

{#
    A division keeps the larger scale of its operands on Athena, and gives a double on DuckDB, where
    0.15 / 3000 is a hair below 0.00005. So the quotient is first rounded to six digits more than
    `scale`.
#}
{% macro ratio(dividend, divisor, scale=4) -%}
    cast(
        cast(
            cast({{ dividend }} as decimal(38, {{ scale + 6 }})) / nullif({{ divisor }}, 0)
            as decimal(38, {{ scale + 6 }})
        ) as decimal(18, {{ scale }})
    )
{%- endmacro %}


{% macro int_div(dividend, divisor) -%}
    {{ return(adapter.dispatch('int_div')(dividend, divisor)) }}
{%- endmacro %}

{# Athena, Redshift: `/` of integers is an integer. #}
{% macro default__int_div(dividend, divisor) -%}
    (({{ dividend }}) / nullif({{ divisor }}, 0))
{%- endmacro %}

{# DuckDB: `/` is a double. #}
{% macro duckdb__int_div(dividend, divisor) -%}
    (({{ dividend }}) // nullif({{ divisor }}, 0))
{%- endmacro %}


{% macro median_of(value) -%}
    {{ return(adapter.dispatch('median_of')(value)) }}
{%- endmacro %}

{# DuckDB, Redshift: median, of decimals and as a decimal. #}
{% macro default__median_of(value) -%}
    cast(median(cast({{ value }} as decimal(18, 4))) as decimal(18, 4))
{%- endmacro %}

{# Athena has no exact median: the middle of the sorted values. #}
{% macro athena__median_of(value) -%}
    {%- set sorted -%}
        array_sort(
            array_agg(cast({{ value }} as decimal(18, 4))) filter (where {{ value }} is not null)
        )
    {%- endset -%}
    cast(
        (
            element_at({{ sorted }}, (cardinality({{ sorted }}) + 1) / 2)
            + element_at({{ sorted }}, cardinality({{ sorted }}) / 2 + 1)
        ) / 2
        as decimal(18, 4)
    )
{%- endmacro %}


{% macro all_bits(value) -%}
    {{ return(adapter.dispatch('all_bits')(value)) }}
{%- endmacro %}

{# DuckDB, Redshift: bit_or. #}
{% macro default__all_bits(value) -%}
    bit_or({{ value }})
{%- endmacro %}

{# Athena: a name of its own. #}
{% macro athena__all_bits(value) -%}
    bitwise_or_agg({{ value }})
{%- endmacro %}


{% macro has_bit(bits, bit) -%}
    {{ return(adapter.dispatch('has_bit')(bits, bit)) }}
{%- endmacro %}

{# DuckDB, Redshift: an operator. #}
{% macro default__has_bit(bits, bit) -%}
    (({{ bits }} & ({{ bit }})) > 0)
{%- endmacro %}

{# Athena: a function. #}
{% macro athena__has_bit(bits, bit) -%}
    (bitwise_and({{ bits }}, {{ bit }}) > 0)
{%- endmacro %}
