with source as (

    {{ state_of('openemr', 'patient_tracker_element') }}

),

renamed as (

    select
        -- keys: one status of an appointment may be there twice, so its place tells it
        {{ key_of(['load_id', '_source_row']) }} as tracker_status_id,
        pt_tracker_id as tracker_id,
        seq as sequence_number,

        -- attributes
        status as status_code,

        -- times
        {{ as_timestamp('start_datetime') }} as began_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
