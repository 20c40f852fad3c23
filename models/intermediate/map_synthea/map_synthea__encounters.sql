with encounters as (

    select
        *,
        {{ business_day('starts_at') }} as starts_on
    from {{ ref('stg_synthea__encounters') }}

),

organizations as (

    select * from {{ ref('stg_synthea__organizations') }}

),

mapped as (

    select
        -- keys
        'synthea' as system_name,
        {{ system_number('synthea', 'encounters.encounter_id') }} as encounter_id,
        {{ system_number('synthea', 'encounters.patient_id') }} as patient_id,
        encounters.patient_pseudonym,
        {{ system_number('synthea', 'encounters.provider_id') }} as physician_id,

        -- attributes
        case
            when encounters.starts_on > encounters.extract_date then 'Scheduled' else 'Completed'
        end as encounter_status,
        organizations.organization_name as place,

        -- times
        encounters.starts_on as encounter_date,
        substring({{ ts_text(business_time('encounters.starts_at')) }}, 12, 5) as encounter_time,

        -- lineage
        encounters.extract_date,
        encounters.load_id
    from encounters
    left join organizations
        on encounters.organization_id = organizations.organization_id

)

select * from mapped
