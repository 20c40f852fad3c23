{{ config(**engine_config(dist='all', sort=['employee_durable_key', 'valid_from'])) }}

with employees as (

    select * from {{ ref('int_employees_versioned') }}

),

named as (

    select
        -- keys
        employee_key,
        employee_durable_key,
        employee_id,

        -- attributes
        title,
        is_current,

        -- times
        seen_from as valid_from,
        seen_to as valid_to
    from employees

),

with_unknown as (

    select * from named
    union all
    select
        {{ unknown_member() }} as employee_key,
        {{ unknown_member() }} as employee_durable_key,
        'unknown' as employee_id,
        'Unknown' as title,
        true as is_current,
        date '1900-01-01' as valid_from,
        cast(null as date) as valid_to

)

select * from with_unknown
