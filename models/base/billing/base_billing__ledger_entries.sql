with source as (

    {{ rows_of('billing', 'ledger') }}

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
        _source_row as source_row,

        -- what decides between rows
        row_key
    from source

),

hashed as (

    select
        *,
        {{ row_hash([
            'charge_id',
            'claim_id',
            'encounter_id',
            'patient_id',
            'entry_type',
            'payer',
            'transfer_to',
            'method',
            'procedure_code',
            'adjustment_code',
            'amount',
            'service_date',
            'posted_on',
            'reason_code',
        ]) }} as row_hash
    from renamed

)

select * from hashed
