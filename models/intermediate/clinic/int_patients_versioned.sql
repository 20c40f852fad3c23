with patients as (

    select * from {{ ref('input_patients') }}

),

keyed as (

    select
        -- keys
        {{ key_of(['patient_pseudonym', 'seen_from']) }} as patient_key,
        {{ key_of(['patient_pseudonym']) }} as patient_durable_key,
        system_name,
        patient_id,
        patient_pseudonym,
        -- a patient without a plan is the payer, as the ledger's payer `patient`
        coalesce(insurance_plan_id, 'patient') as insurance_plan_id,

        -- attributes
        first_name,
        last_name,
        email,
        date_of_birth,
        address,
        zip_code,
        coalesce(is_active, true) as is_active,
        is_current,

        -- times
        valid_from,
        valid_to,
        seen_from,
        seen_to
    from patients

)

select * from keyed
