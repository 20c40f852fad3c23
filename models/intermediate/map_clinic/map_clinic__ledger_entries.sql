with ledger_entries as (

    select * from {{ ref('stg_billing__ledger_entries') }}

),

mapped as (

    select
        -- keys
        'clinic' as system_name,
        entry_id,
        charge_id,
        claim_id,
        encounter_id,
        patient_id,
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
        load_id
    from ledger_entries

)

select * from mapped
