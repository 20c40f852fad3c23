with source as (

    {{ state_of('billing', 'claim') }}

),

renamed as (

    select
        -- keys
        claim_id,
        encounter_id,
        patient as patient_id,
        patient_pseudonym,
        insurance as insurance_plan_id,

        -- attributes
        claim_position,
        status as claim_status,
        denial_code,

        -- times
        submitted_on,
        accepted_on,
        decided_on,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
