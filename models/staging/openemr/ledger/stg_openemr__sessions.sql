with source as (

    {{ state_of('openemr', 'ar_session') }}

),

renamed as (

    select
        -- keys
        session_id,
        payer_id as insurance_company_id,
        patient_id,
        patient_id_pseudonym as patient_pseudonym,

        -- attributes
        payment_type,
        payment_method,

        -- amounts
        pay_total as received_amount,
        global_amount as parked_amount,

        -- times
        deposit_date as deposited_on,
        post_to_date as post_to_day,
        {{ as_timestamp('created_time') }} as created_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
