{% snapshot snap_clinic__patients %}
{{ config(unique_key='patient_id', **engine_config(sort=['patient_id'])) }}

with staged as (

    {{ staged('stg_clinic__patients') }}

),

hashed as (

    select
        *,
        {{ row_hash([
            'insurance_plan_id',
            'first_name',
            'last_name',
            'email',
            'date_of_birth',
            'address',
            'zip_code',
        ], conditions=['is_active']) }} as row_hash
    from staged

)

select * from hashed
{% endsnapshot %}
