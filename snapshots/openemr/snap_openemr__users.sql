{% snapshot snap_openemr__users %}
{{ config(unique_key='user_id', **engine_config(sort=['user_id'])) }}

{{ state_now_of('base_openemr__users') }}
{% endsnapshot %}
