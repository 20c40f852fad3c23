with source as (

    {{ rows_of('clinic', 'account') }}

),

renamed as (

    select
        -- keys
        accountid as account_id,
        accountid_pseudonym as account_pseudonym,
        member_id as insurance_plan_id,
        patient as patient_id,
        patient_pseudonym,

        -- amounts
        account_balance as balance_amount,
        last_payment as last_payment_amount,

        -- times
        payment_due as payment_due_date,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row,

        -- what decides between rows
        row_key,
        is_removal
    from source

),

hashed as (

    select
        *,
        {{ row_hash([
            'insurance_plan_id',
            'patient_id',
            'balance_amount',
            'last_payment_amount',
            'payment_due_date',
        ]) }} as row_hash
    from renamed

)

select * from hashed
