{{ config(**engine_config(dist='all', sort=['employee_durable_key', 'valid_from'])) }}

with employees as (

    select * from {{ ref('int_employees_versioned') }}

),

identified as (

    select
        -- keys
        employee_key,
        employee_durable_key,
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

select * from identified
