{% snapshot snap_salesforce__accounts %}
{{ config(unique_key='crm_account_id', **engine_config(sort=['crm_account_id'])) }}

with staged as (

    {{ staged('stg_salesforce__accounts') }}

),

hashed as (

    select
        *,
        {{ row_hash([
            'owner_id',
            'account_name',
            'account_type',
            'industry',
            'billing_city',
            'billing_state',
            'billing_postal_code',
            'region',
        ]) }} as row_hash
    from staged

)

select * from hashed
{% endsnapshot %}
