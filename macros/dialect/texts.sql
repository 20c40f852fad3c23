{#
    Values as text, text taken apart, and hashes: spelt so that the three engines give the same
    bytes.
#}

{% macro as_text(value) -%}
    {{ return(adapter.dispatch('as_text')(value)) }}
{%- endmacro %}

{# DuckDB, Athena: varchar has no length to fall short of. #}
{% macro default__as_text(value) -%}
    cast({{ value }} as varchar)
{%- endmacro %}

{# Redshift: varchar without a length is 256 bytes and cuts what is longer. #}
{% macro redshift__as_text(value) -%}
    cast({{ value }} as varchar(65535))
{%- endmacro %}


{% macro text_hash(text) -%}
    {{ return(adapter.dispatch('text_hash')(text)) }}
{%- endmacro %}

{#
    DuckDB, Redshift: md5 takes text. dbt.hash would cast to a text type that is 256 bytes on
    Redshift.
#}
{% macro default__text_hash(text) -%}
    md5({{ text }})
{%- endmacro %}

{# Athena: md5 takes bytes and gives bytes; to_hex writes capitals. #}
{% macro athena__text_hash(text) -%}
    lower(to_hex(md5(to_utf8({{ text }}))))
{%- endmacro %}


{# Sixty bits, so that a sum over a hundred million hashes fits into decimal(38,0). #}
{% macro hash_number(text) -%}
    {{ return(adapter.dispatch('hash_number')(text)) }}
{%- endmacro %}

{# Redshift: strtol reads hexadecimal digits; no cast does. #}
{% macro default__hash_number(text) -%}
    strtol(substring({{ text_hash(text) }}, 1, 15), 16)
{%- endmacro %}

{# DuckDB: a text that begins with 0x is a number in a cast. #}
{% macro duckdb__hash_number(text) -%}
    cast('0x' || substring({{ text_hash(text) }}, 1, 15) as bigint)
{%- endmacro %}

{# Athena: from_base reads hexadecimal digits; no cast does. #}
{% macro athena__hash_number(text) -%}
    from_base(substring({{ text_hash(text) }}, 1, 15), 16)
{%- endmacro %}


{# To the second: the engines print different numbers of decimals. #}
{% macro ts_text(value) -%}
    substring(cast({{ value }} as varchar(30)), 1, 19)
{%- endmacro %}


{# To the millisecond, padded or cut: one engine prints as many decimals as the value has,
   the others three or six. #}
{% macro ms_text(value) -%}
    {%- set text = 'cast(' ~ value ~ ' as varchar(30))' -%}
    rpad(case when length({{ text }}) = 19 then {{ text }} || '.' else {{ text }} end, 23, '0')
{%- endmacro %}


{# Redshift can't cast a boolean to text. #}
{% macro bool_text(condition) -%}
    case when {{ condition }} then 'true' when not ({{ condition }}) then 'false' end
{%- endmacro %}


{# A part that is not there is an empty text on two engines, and null on one. #}
{% macro part_of(text, delimiter, number) -%}
    nullif(split_part({{ text }}, '{{ delimiter }}', {{ number }}), '')
{%- endmacro %}


{% macro remove_all(text, pattern) -%}
    {{ return(adapter.dispatch('remove_all')(text, pattern)) }}
{%- endmacro %}

{# Athena, Redshift: regexp_replace replaces every match. #}
{% macro default__remove_all(text, pattern) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '')
{%- endmacro %}

{# DuckDB: only the first match unless 'g' is given. #}
{% macro duckdb__remove_all(text, pattern) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '', 'g')
{%- endmacro %}


{% macro list_of(text, order_by) -%}
    {{ return(adapter.dispatch('list_of')(text, order_by)) }}
{%- endmacro %}

{# Athena, Redshift: they have no string_agg with an order. #}
{% macro default__list_of(text, order_by) -%}
    listagg({{ text }}, ', ') within group (order by {{ order_by }})
{%- endmacro %}

{# DuckDB: listagg takes its order in the call, as string_agg does. #}
{% macro duckdb__list_of(text, order_by) -%}
    string_agg({{ text }}, ', ' order by {{ order_by }})
{%- endmacro %}


{% macro number_of(count, one) -%}
    cast({{ count }} as varchar(20)) || ' {{ one }}' || case {{ count }} when 1 then '' else 's' end
{%- endmacro %}
