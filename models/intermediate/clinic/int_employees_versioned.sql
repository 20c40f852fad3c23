with employees as (

    {{ versions_of(ref('snap_clinic__employees'), 'employee_id') }}

),

keyed as (

    select
        -- keys
        {{ key_of(['employee_id', 'seen_from']) }} as employee_key,
        {{ key_of(['employee_id']) }} as employee_durable_key,
        employee_id,

        -- attributes
        first_name,
        last_name,
        email,
        phone_number,
        title,
        is_current,

        -- times
        valid_from,
        valid_to,
        seen_from,
        seen_to
    from employees

)

select * from keyed
