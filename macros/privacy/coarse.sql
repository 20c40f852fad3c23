{#
    What may be shown of quasi identifiers (docs/decisions/birth_year_and_zip.md).
#}

{#
    The year of birth; null from age 90 on, as of `day`. Who was born on 29 February has a birthday
    on 1 March in other years.
#}
{% macro birth_year(date_of_birth, day) -%}
    case
        when (extract(year from {{ day }}) - extract(year from {{ date_of_birth }})) * 10000
            + (extract(month from {{ day }}) - extract(month from {{ date_of_birth }})) * 100
            + extract(day from {{ day }}) - extract(day from {{ date_of_birth }}) < 900000
            then cast(extract(year from {{ date_of_birth }}) as bigint)
    end
{%- endmacro %}


{#
    The first three digits of a zip code, to look up in the list of allowed ones: null for anything
    but five digits or ZIP+4.
#}
{% macro zip_area(zip_code) -%}
    case
        when translate(substring({{ zip_code }}, 1, 5), '0123456789', '9999999999') = '99999'
            and (length({{ zip_code }}) = 5 or substring({{ zip_code }}, 6, 1) = '-')
            then substring({{ zip_code }}, 1, 3)
    end
{%- endmacro %}
