with source as (

    {{ state_of('openemr', 'patient_tracker') }}

),

renamed as (

    select
        -- keys
        id as tracker_id,
        eid as entry_id,
        pid as patient_id,
        pid_pseudonym as patient_pseudonym,
        encounter as encounter_number,

        -- times
        apptdate as appointment_date,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
