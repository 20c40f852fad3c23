{{ config(**engine_config(dist='all', sort=['staff_key'])) }}

with staff as (

    select * from {{ ref('stg_totesys__staff') }}

),

departments as (

    select * from {{ ref('stg_totesys__departments') }}

),

identified as (

    select
        -- keys
        {{ key_of(['staff.staff_id']) }} as staff_key,

        -- attributes
        staff.first_name,
        staff.last_name,
        staff.email,
        departments.manager
    from staff
    left join departments
        on staff.department_id = departments.department_id

)

select * from identified
