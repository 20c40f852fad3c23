{% snapshot snap_billing__ledger_entries %}
{{ config(unique_key='entry_id', **engine_config(sort=['entry_id'])) }}

{{ state_now_of('base_billing__ledger_entries') }}
{% endsnapshot %}
