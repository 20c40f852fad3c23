with source as (

    {{ state_of('billing', 'ledger') }}

),

renamed as (

    select
        -- keys
        entry_id,
        charge_id,
        claim_id,
        encounter_id,
        patient as patient_id,
        patient_pseudonym,

        -- attributes
        entry_type,
        payer,
        transfer_to,
        method,
        procedure_code,
        adjustment_code,
        reason_code,

        -- amounts
        amount,

        -- times
        service_date,
        posted_on,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
