with source as (

    {{ state_of('synthea', 'claims_transactions') }}

),

renamed as (

    select
        -- keys
        claim as claim_id,
        transaction_number,
        patient as patient_id,
        patient_pseudonym,
        encounter as encounter_id,

        -- attributes
        type as transaction_type,
        method,
        procedure_code,
        level,

        -- amounts
        amount,
        paid as paid_amount,
        adjusted as adjusted_amount,
        transferred as transferred_amount,

        -- times
        {{ as_timestamp('served_at') }} as served_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
