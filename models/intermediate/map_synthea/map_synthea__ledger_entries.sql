-- Longer than usual: the transactions and what they move of an insurer's part are one ledger.
with transactions as (

    select
        *,
        {{ system_number('synthea', 'insurer_id') }} as insurer
    from {{ ref('int_synthea_transactions_levelled') }}

),

united as (

    select
        *,
        '' as part,
        case transaction_type
            when 'CHARGE' then 'charge'
            when 'PAYMENT' then 'payment'
            when 'ADJUSTMENT' then 'adjustment'
            when 'TRANSFEROUT' then 'transfer_out'
            when 'TRANSFERIN' then 'transfer_in'
        end as entry_type,
        case when is_paid_by_patient then 'patient' else coalesce(insurer, 'patient') end as payer,
        amount as entry_amount
    from transactions
    union all
    -- the patient owes the part that the patient pays of an insurer's debt from then on
    select
        *,
        ':out' as part,
        'transfer_out' as entry_type,
        insurer as payer,
        taken_over_amount as entry_amount
    from transactions
    where taken_over_amount > 0
    union all
    select
        *,
        ':in' as part,
        'transfer_in' as entry_type,
        'patient' as payer,
        taken_over_amount as entry_amount
    from transactions
    where taken_over_amount > 0

),

claims as (

    select * from {{ ref('map_synthea__claims') }}

),

numbered as (

    select
        united.*,
        {{ system_number('synthea', 'united.claim_id') }} as bill_id,
        {{ system_number('synthea', 'united.claim_id') }}
        || case when united.payer_level = 2 and united.payer <> 'patient' then ':2' else '' end
            as claim_of_payer
    from united

),

mapped as (

    select
        -- keys
        'synthea' as system_name,
        numbered.bill_id || ':' || {{ as_text('numbered.transaction_number') }} || numbered.part
            as entry_id,
        numbered.bill_id || ':' || {{ as_text('numbered.charge_number') }} as charge_id,
        -- a bill to the patient alone has no claim
        claims.claim_id,
        {{ system_number('synthea', 'numbered.encounter_id') }} as encounter_id,
        {{ system_number('synthea', 'numbered.patient_id') }} as patient_id,
        numbered.patient_pseudonym,

        -- attributes
        numbered.entry_type,
        numbered.payer,
        case when numbered.entry_type = 'charge' then numbered.payer end as owed_first_by,
        case
            when numbered.entry_type <> 'payment' then null
            when numbered.method = 'CC' then 'card'
            when numbered.method in ('CASH', 'CHECK', 'ECHECK', 'COPAY')
                then lower(numbered.method)
        end as method,
        numbered.procedure_code,
        -- every adjustment is contractual
        case when numbered.entry_type = 'adjustment' then 'contractual' end as adjustment_code,

        -- amounts
        cast(numbered.entry_amount as decimal(12, 2)) as amount,

        -- times: Synthea tells of a payment the day of what is paid, and no other
        numbered.served_on as service_date,
        numbered.served_on as posted_on,

        -- lineage
        numbered.extract_date,
        numbered.load_id
    from numbered
    left join claims
        on numbered.claim_of_payer = claims.claim_id

)

select * from mapped
