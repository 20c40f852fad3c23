{{ config(**engine_config(dist='patient_durable_key', sort=['patient_durable_key'])) }}

with patients as (

    select * from {{ ref('int_patients_versioned') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}
    where area = 'clinic'

),

zip_areas as (

    select * from {{ ref('zip_areas') }}

),

coarsened as (

    select
        -- keys
        patients.patient_key,
        patients.patient_durable_key,
        {{ key_of(['patients.insurance_plan_id']) }} as insurance_plan_durable_key,
        patients.system_name,

        -- attributes
        {{ birth_year('patients.date_of_birth', 'as_of_dates.as_of_date') }} as birth_year,
        coalesce(zip_areas.zip_area, '000') as zip_area,
        patients.is_active,
        patients.is_current,

        -- times
        patients.valid_from,
        patients.valid_to,
        patients.seen_from,
        patients.seen_to
    from patients
    cross join as_of_dates
    left join zip_areas
        on {{ zip_area('patients.zip_code') }} = zip_areas.zip_area

),

with_unknown as (

    select * from coarsened
    union all
    select
        {{ unknown_member() }} as patient_key,
        {{ unknown_member() }} as patient_durable_key,
        {{ unknown_member() }} as insurance_plan_durable_key,
        cast(null as varchar) as system_name,
        cast(null as bigint) as birth_year,
        '000' as zip_area,
        true as is_active,
        true as is_current,
        date '1900-01-01' as valid_from,
        cast(null as date) as valid_to,
        date '1900-01-01' as seen_from,
        cast(null as date) as seen_to

)

select * from with_unknown
