-- Longer than usual: postings, debts that moved, and money that is not applied are one ledger.
with entries as (

    select * from {{ ref('int_openemr_entries_posted') }}

),

debts_moved as (

    select * from {{ ref('int_openemr_debts_moved') }}

),

sessions as (

    select * from {{ ref('stg_openemr__sessions') }}

),

postings as (

    select * from {{ ref('int_openemr_postings_dated') }}

),

claims as (

    select * from {{ ref('map_openemr__claims') }}

),

adjustment_reasons as (

    select * from {{ ref('openemr_adjustment_reasons') }}

),

payment_methods as (

    select * from {{ ref('openemr_payment_methods') }}

),

applied as (

    select
        session_id,
        sum(paid_amount) as applied_amount
    from postings
    group by session_id

),

-- money that is not posted to a visit yet, parked money included
unapplied as (

    select
        sessions.*,
        sessions.received_amount - coalesce(applied.applied_amount, 0) as unapplied_amount
    from sessions
    left join applied
        on sessions.session_id = applied.session_id
    where sessions.received_amount > coalesce(applied.applied_amount, 0)

),

united as (

    select
        entry_id,
        charge_id,
        encounter_id,
        patient_id,
        patient_pseudonym,
        entry_type,
        payer,
        payer_level,
        case when account_code = 'PCP' then 'copay' end as desk_method,
        payment_method,
        procedure_code,
        case when entry_type = 'adjustment' and account_code = 'PA' then 'write_off' end
            as adjustment_of_account,
        memo,
        reason_code,
        amount,
        service_date,
        posted_on,
        extract_date,
        load_id
    from entries
    union all
    select
        entry_id,
        charge_id,
        encounter_id,
        patient_id,
        patient_pseudonym,
        entry_type,
        payer,
        cast(null as bigint) as payer_level,
        cast(null as varchar) as desk_method,
        cast(null as varchar) as payment_method,
        cast(null as varchar) as procedure_code,
        cast(null as varchar) as adjustment_of_account,
        cast(null as varchar) as memo,
        cast(null as varchar) as reason_code,
        amount,
        service_date,
        posted_on,
        extract_date,
        load_id
    from debts_moved
    union all
    select
        {{ system_number('openemr', "'session'") }} || ':' || {{ as_text('session_id') }}
            as entry_id,
        cast(null as varchar) as charge_id,
        cast(null as varchar) as encounter_id,
        patient_id,
        patient_pseudonym,
        'payment' as entry_type,
        coalesce({{ system_number('openemr', 'insurance_company_id') }}, 'patient') as payer,
        cast(null as bigint) as payer_level,
        cast(null as varchar) as desk_method,
        payment_method,
        cast(null as varchar) as procedure_code,
        cast(null as varchar) as adjustment_of_account,
        cast(null as varchar) as memo,
        cast(null as varchar) as reason_code,
        unapplied_amount as amount,
        cast(null as date) as service_date,
        coalesce(post_to_day, deposited_on, {{ business_day('created_at') }}) as posted_on,
        extract_date,
        load_id
    from unapplied

),

-- a visit's entries belong to its first claim, those of a payer to the claim to that payer
first_claims as (

    select
        encounter_id,
        min(claim_id) as claim_id
    from claims
    where encounter_id is not null
    group by encounter_id

),

mapped as (

    select
        -- keys
        'openemr' as system_name,
        united.entry_id,
        united.charge_id,
        coalesce(claims.claim_id, first_claims.claim_id) as claim_id,
        united.encounter_id,
        {{ system_number('openemr', 'united.patient_id') }} as patient_id,
        united.patient_pseudonym,

        -- attributes
        united.entry_type,
        united.payer,
        case when united.entry_type = 'charge' then united.payer end as owed_first_by,
        case
            when united.entry_type in ('payment', 'refund')
                then coalesce(united.desk_method, payment_methods.method)
        end as method,
        united.procedure_code,
        case
            when united.entry_type = 'adjustment'
                then
                    coalesce(
                        by_reason.adjustment_code,
                        by_memo.adjustment_code,
                        united.adjustment_of_account
                    )
        end as adjustment_code,
        coalesce(united.reason_code, by_memo.reason_code) as reason_code,

        -- amounts
        cast(united.amount as decimal(12, 2)) as amount,

        -- times
        united.service_date,
        united.posted_on,

        -- lineage
        united.extract_date,
        united.load_id
    from united
    left join claims
        on united.charge_id || ':' || {{ as_text('united.payer_level') }} = claims.claim_id
    left join first_claims
        on united.encounter_id = first_claims.encounter_id
    left join adjustment_reasons as by_reason
        on {{ remove_all('lower(united.reason_code)', '[^a-z0-9]') }} = by_reason.reason
    left join adjustment_reasons as by_memo
        on coalesce(
            {{ part_of(part_of('lower(united.memo)', 'adjust code ', 2), ' ', 1) }},
            {{ remove_all('lower(united.memo)', '[^a-z0-9]') }}
        ) = by_memo.reason
    left join payment_methods
        on united.payment_method = payment_methods.payment_method

)

select * from mapped
