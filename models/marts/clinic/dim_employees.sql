{{ config(**engine_config(dist='all', sort=['employee_durable_key', 'valid_from'])) }}

with employees as (

    select * from {{ ref('int_employees_versioned') }}

),

appointments as (

    select * from {{ ref('input_appointments') }}

),

encounters as (

    select * from {{ ref('input_encounters') }}

),

seeing_patients as (

    select physician_id from appointments
    union
    select physician_id from encounters

),

named as (

    select
        -- keys
        employees.employee_key,
        employees.employee_durable_key,
        employees.system_name,
        employees.employee_id,

        -- attributes
        employees.title,
        coalesce(employees.is_physician, seeing_patients.physician_id is not null) as is_physician,
        employees.is_active,
        employees.is_current,

        -- times
        employees.valid_from,
        employees.valid_to,
        employees.seen_from,
        employees.seen_to
    from employees
    left join seeing_patients
        on employees.employee_id = seeing_patients.physician_id

),

with_unknown as (

    select * from named
    union all
    select
        {{ unknown_member() }} as employee_key,
        {{ unknown_member() }} as employee_durable_key,
        cast(null as varchar) as system_name,
        'unknown' as employee_id,
        'Unknown' as title,
        false as is_physician,
        true as is_active,
        true as is_current,
        date '1900-01-01' as valid_from,
        cast(null as date) as valid_to,
        date '1900-01-01' as seen_from,
        cast(null as date) as seen_to

)

select * from with_unknown
