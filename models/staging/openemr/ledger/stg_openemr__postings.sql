with source as (

    {{ state_of('openemr', 'ar_activity') }}

),

renamed as (

    select
        -- keys
        pid as patient_id,
        pid_pseudonym as patient_pseudonym,
        encounter as encounter_number,
        sequence_no as sequence_number,
        session_id,

        -- attributes
        code as line_code,
        modifier as line_modifier,
        payer_type as payer_level,
        account_code,
        memo,
        reason_code,

        -- amounts
        pay_amount as paid_amount,
        adj_amount as adjusted_amount,

        -- times
        {{ as_timestamp('post_time') }} as posted_at,
        post_date as posted_on,
        {{ as_timestamp('deleted') }} as deleted_at,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
