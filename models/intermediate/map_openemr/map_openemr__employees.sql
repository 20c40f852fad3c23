with users as (

    {{ versions_of(ref('snap_openemr__users'), 'user_id') }}

),

-- users who can log in are staff; the others are the address book
mapped as (

    select
        -- keys
        'openemr' as system_name,
        {{ system_number('openemr', 'user_id') }} as employee_id,

        -- attributes
        first_name,
        last_name,
        email,
        phone_number,
        title,
        is_authorized as is_physician,
        is_active,

        -- times
        is_current,
        valid_from,
        valid_to,
        seen_from,
        seen_to
    from users
    where username is not null

)

select * from mapped
