with source as (

    {{ state_of('openemr', 'openemr_postcalendar_events') }}

),

renamed as (

    select
        -- keys
        pc_eid as entry_id,
        pc_multiple as group_id,
        pc_catid as category_id,
        pc_aid as physician_id,
        pc_pid as patient_id,
        pc_pid_pseudonym as patient_pseudonym,
        pc_informant as written_by,
        pc_facility as facility_id,

        -- attributes
        pc_apptstatus as status_code,
        pc_recurrtype <> 0 as is_series,
        pc_duration as duration_seconds,

        -- times
        pc_event_date as entry_date,
        pc_start_time as starts_at_time,
        {{ as_timestamp('pc_time') }} as written_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
