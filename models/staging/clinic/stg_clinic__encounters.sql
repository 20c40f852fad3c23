with source as (

    {{ state_of('clinic', 'encounter') }}

),

encounter_statuses as (

    select * from {{ ref('encounter_statuses') }}

),

renamed as (

    select
        -- keys
        source.encounter_id,
        source.patient as patient_id,
        source.patient_pseudonym,
        source.appointment as appointment_id,
        source.physician as physician_id,

        -- attributes
        case
            when source.status is not null
                then coalesce(encounter_statuses.encounter_status, 'Other')
        end as encounter_status,
        source.status as source_status,
        source.office as place,

        -- times: 'HH:MM' is a time without a date, 'YYYY-MM-DD HH:MM' is both
        case
            when length(source.start_time) = 16
                then cast(substring(source.start_time, 1, 10) as date)
        end as encounter_date,
        case
            when length(source.start_time) = 16 then substring(source.start_time, 12, 5)
            else source.start_time
        end as encounter_time,

        -- lineage
        source.extract_date,
        source.load_id,
        {{ as_timestamp('source._extracted_at') }} as extracted_at,
        source._source_row as source_row
    from source
    left join encounter_statuses
        on {{ remove_all('lower(source.status)', '[^a-z]') }} = encounter_statuses.spelling

)

select * from renamed
