{% snapshot snap_clinic__accounts %}
{{ config(unique_key='account_id', **engine_config(sort=['account_id'])) }}

with staged as (

    {{ staged('stg_clinic__accounts') }}

),

hashed as (

    select
        *,
        {{ row_hash([
            'insurance_plan_id',
            'patient_id',
            'balance_amount',
            'last_payment_amount',
            'payment_due_date',
        ]) }} as row_hash
    from staged

)

select * from hashed
{% endsnapshot %}
