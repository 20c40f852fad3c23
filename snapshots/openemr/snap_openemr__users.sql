{% snapshot snap_openemr__users %}
{{ config(unique_key='user_id', **engine_config(sort=['user_id'])) }}

with staged as (

    {{ staged('stg_openemr__users') }}

),

hashed as (

    select
        *,
        {{ row_hash([
            'username',
            'first_name',
            'last_name',
            'email',
            'phone_number',
            'title',
        ], conditions=['is_authorized', 'is_active']) }} as row_hash
    from staged

)

select * from hashed
{% endsnapshot %}
