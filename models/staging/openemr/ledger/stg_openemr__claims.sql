with source as (

    {{ state_of('openemr', 'claims') }}

),

renamed as (

    select
        -- keys
        patient_id,
        patient_id_pseudonym as patient_pseudonym,
        encounter_id as encounter_number,
        version,
        payer_id as insurance_company_id,

        -- attributes
        payer_type as payer_level,
        status as status_code,
        process_file,

        -- times
        {{ as_timestamp('bill_time') }} as made_at,
        {{ as_timestamp('process_time') }} as sent_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
