{% macro signed_amount(entry_type, amount) -%}
    case
        when {{ amount }} is null then cast(0 as decimal(12, 2))
        when {{ entry_type }} in ('charge', 'refund', 'transfer_in') then {{ amount }}
        when {{ entry_type }} in ('payment', 'adjustment', 'transfer_out') then -{{ amount }}
        else cast(0 as decimal(12, 2))
    end
{%- endmacro %}
