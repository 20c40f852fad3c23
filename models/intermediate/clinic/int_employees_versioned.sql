with employees as (

    select * from {{ ref('input_employees') }}

),

keyed as (

    select
        -- keys
        {{ key_of(['employee_id', 'seen_from']) }} as employee_key,
        {{ key_of(['employee_id']) }} as employee_durable_key,
        system_name,
        employee_id,

        -- attributes
        first_name,
        last_name,
        email,
        phone_number,
        title,
        is_physician,
        coalesce(is_active, true) as is_active,
        is_current,

        -- times
        valid_from,
        valid_to,
        seen_from,
        seen_to
    from employees

)

select * from keyed
