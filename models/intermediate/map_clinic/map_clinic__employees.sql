with employees as (

    {{ versions_of(ref('snap_clinic__employees'), 'employee_id') }}

),

mapped as (

    select
        -- keys
        'clinic' as system_name,
        employee_id,

        -- attributes
        first_name,
        last_name,
        email,
        phone_number,
        title,
        is_physician,
        is_active,

        -- times
        is_current,
        valid_from,
        valid_to,
        seen_from,
        seen_to
    from employees

)

select * from mapped
