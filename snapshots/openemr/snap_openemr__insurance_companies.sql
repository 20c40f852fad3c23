{% snapshot snap_openemr__insurance_companies %}
{{ config(unique_key='insurance_company_id', **engine_config(sort=['insurance_company_id'])) }}

{{ state_now_of('base_openemr__insurance_companies') }}
{% endsnapshot %}
