{#
    What may be shown of quasi identifiers (docs/decisions/birth_year_and_zip.md).
#}

{% macro birth_year(date_of_birth, day) -%}
    case
        when (extract(year from {{ day }}) - extract(year from {{ date_of_birth }})) * 10000
            + (extract(month from {{ day }}) - extract(month from {{ date_of_birth }})) * 100
            + extract(day from {{ day }}) - extract(day from {{ date_of_birth }}) < 900000
            then cast(extract(year from {{ date_of_birth }}) as bigint)
    end
{%- endmacro %}


{% macro zip_area(zip_code) -%}
    case
        when translate(substring({{ zip_code }}, 1, 5), '0123456789', '9999999999') = '99999'
            and (length({{ zip_code }}) = 5 or substring({{ zip_code }}, 6, 1) = '-')
            then substring({{ zip_code }}, 1, 3)
    end
{%- endmacro %}
