{% snapshot snap_openemr__insurance_companies %}
{{ config(unique_key='insurance_company_id', **engine_config(sort=['insurance_company_id'])) }}

with staged as (

    {{ staged('stg_openemr__insurance_companies') }}

),

hashed as (

    select
        *,
        {{ row_hash([
            'company_name',
            'company_type',
        ], conditions=['is_inactive']) }} as row_hash
    from staged

)

select * from hashed
{% endsnapshot %}
