{% snapshot snap_openemr__patients %}
{{ config(unique_key='patient_id', **engine_config(sort=['patient_id'])) }}

with staged as (

    {{ staged('stg_openemr__patients') }}

),

hashed as (

    select
        *,
        {{ row_hash([
            'usual_physician_id',
            'first_name',
            'last_name',
            'email',
            'date_of_birth',
            'address',
            'zip_code',
        ], times=['died_at']) }} as row_hash
    from staged

)

select * from hashed
{% endsnapshot %}
