{{ config(**engine_config(dist='all', sort=['staff_key'])) }}

with staff as (

    select * from {{ ref('stg_totesys__staff') }}

),

departments as (

    select * from {{ ref('stg_totesys__departments') }}

),

keyed as (

    select
        -- keys
        {{ key_of(['staff.staff_id']) }} as staff_key,
        staff.staff_id,

        -- attributes
        departments.department_name,
        departments.department_location
    from staff
    left join departments
        on staff.department_id = departments.department_id

),

with_unknown as (

    select * from keyed
    union all
    select
        {{ unknown_member() }} as staff_key,
        cast(null as bigint) as staff_id,
        'Unknown' as department_name,
        'Unknown' as department_location

)

select * from with_unknown
