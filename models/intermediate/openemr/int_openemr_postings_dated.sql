with postings as (

    select * from {{ ref('stg_openemr__postings') }}
    where deleted_at is null

),

sessions as (

    select * from {{ ref('stg_openemr__sessions') }}

),

-- the day of the books: the posting's own, else the money's, else the day of typing
dated as (

    select
        -- keys
        postings.patient_id,
        postings.patient_pseudonym,
        postings.encounter_number,
        postings.sequence_number,
        postings.session_id,
        sessions.insurance_company_id,

        -- attributes
        postings.payer_level,
        postings.account_code,
        postings.memo,
        postings.reason_code,
        sessions.payment_method,

        -- amounts
        postings.paid_amount,
        postings.adjusted_amount,

        -- times
        coalesce(
            postings.posted_on,
            sessions.post_to_day,
            sessions.deposited_on,
            {{ business_day('postings.posted_at') }}
        ) as booked_on,

        -- lineage
        postings.extract_date,
        postings.load_id
    from postings
    left join sessions
        on postings.session_id = sessions.session_id

)

select * from dated
