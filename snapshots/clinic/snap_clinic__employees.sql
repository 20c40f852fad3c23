{% snapshot snap_clinic__employees %}
{{ config(unique_key='employee_id', **engine_config(sort=['employee_id'])) }}

with staged as (

    {{ staged('stg_clinic__employees') }}

),

hashed as (

    select
        *,
        {{ row_hash([
            'first_name',
            'last_name',
            'email',
            'phone_number',
            'title',
        ], conditions=['is_physician', 'is_active']) }} as row_hash
    from staged

)

select * from hashed
{% endsnapshot %}
