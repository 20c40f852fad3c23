with claims as (

    select * from {{ ref('stg_synthea__claims') }}

),

transactions as (

    select * from {{ ref('int_synthea_transactions_levelled') }}

),

paid as (

    select
        claim_id,
        payer_level,
        sum(amount) as paid_amount
    from transactions
    where transaction_type = 'PAYMENT' and not is_paid_by_patient
    group by claim_id, payer_level

),

-- a bill to the patient alone has no claim; one with a second insurer is two
sent as (

    select
        *,
        primary_payer_id as insurer_id,
        1 as payer_level
    from claims
    where primary_payer_id is not null
    union all
    select
        *,
        secondary_payer_id as insurer_id,
        2 as payer_level
    from claims
    where secondary_payer_id is not null

),

mapped as (

    select
        -- keys
        'synthea' as system_name,
        {{ system_number('synthea', 'sent.claim_id') }}
        || case sent.payer_level when 2 then ':2' else '' end as claim_id,
        {{ system_number('synthea', 'sent.encounter_id') }} as encounter_id,
        {{ system_number('synthea', 'sent.patient_id') }} as patient_id,
        sent.patient_pseudonym,
        {{ system_number('synthea', 'sent.insurer_id') }} as insurance_plan_id,

        -- attributes
        case sent.payer_level when 1 then 'primary' else 'secondary' end as claim_position,
        case
            when sent.claim_status = 'BILLED' then 'Submitted'
            when sent.claim_status = 'CLOSED' and paid.paid_amount > 0 then 'Paid'
            when sent.claim_status = 'CLOSED' then 'Closed'
            else sent.claim_status
        end as claim_status,

        -- times
        {{ business_day('sent.billed_at') }} as submitted_on,

        -- lineage
        sent.extract_date,
        sent.load_id
    from sent
    left join paid
        on sent.claim_id = paid.claim_id
        and sent.payer_level = paid.payer_level

)

select * from mapped
