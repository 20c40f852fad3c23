{% snapshot snap_salesforce__accounts %}
{{ config(unique_key='crm_account_id', **engine_config(sort=['crm_account_id'])) }}

{{ state_now_of('base_salesforce__accounts') }}
{% endsnapshot %}
