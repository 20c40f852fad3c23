with claims as (

    select * from {{ ref('stg_billing__claims') }}

),

mapped as (

    select
        -- keys
        'clinic' as system_name,
        claim_id,
        encounter_id,
        patient_id,
        patient_pseudonym,
        insurance_plan_id,

        -- attributes
        claim_position,
        claim_status,
        denial_code,

        -- times
        submitted_on,
        accepted_on,
        decided_on,

        -- lineage
        extract_date,
        load_id
    from claims

)

select * from mapped
