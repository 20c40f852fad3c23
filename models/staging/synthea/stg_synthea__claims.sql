with source as (

    {{ state_of('synthea', 'claims') }}

),

renamed as (

    select
        -- keys
        id as claim_id,
        patient as patient_id,
        patient_pseudonym,
        primary_payer as primary_payer_id,
        secondary_payer as secondary_payer_id,
        encounter as encounter_id,

        -- attributes
        status as claim_status,

        -- times
        {{ as_timestamp('billed_at') }} as billed_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
