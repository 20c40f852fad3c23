with source as (

    {{ state_of('openemr', 'billing') }}

),

renamed as (

    select
        -- keys
        id as billing_line_id,
        pid as patient_id,
        pid_pseudonym as patient_pseudonym,
        encounter as encounter_number,
        provider_id as physician_id,
        payer_id as insurance_company_id,

        -- attributes
        upper(code_type) as code_type,
        code as line_code,
        modifier as line_modifier,
        activity = 1 as is_live,

        -- amounts
        fee,

        -- times
        {{ as_timestamp('entered_at') }} as entered_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
