-- Longer than usual: who owes a charge is told by its neighbours alone, and all is asked of them
-- once.
with transactions as (

    select
        *,
        transaction_type in ('CHARGE', 'TRANSFERIN') as names_who_owes
    from {{ ref('stg_synthea__transactions') }}

),

claims as (

    select * from {{ ref('stg_synthea__claims') }}

),

-- 1 and 2 are the insurers of the bill, 3 is the patient
joined as (

    select
        transactions.*,
        claims.claim_id is not null as has_claim,
        claims.primary_payer_id,
        claims.secondary_payer_id,
        case
            when transactions.level = '1' then 1
            when transactions.level = '2' then 2
            when transactions.level = 'p' or claims.primary_payer_id is null then 3
            else 1
        end as named_level
    from transactions
    left join claims
        on transactions.claim_id = claims.claim_id

),

-- the newest number before a row is its charge's, and its last digit is the debtor until then
numbered as (

    select
        *,
        max(case when transaction_type = 'CHARGE' then transaction_number end) over (
            partition by claim_id order by transaction_number
            rows between unbounded preceding and current row
        ) as charge_number,
        max(case when names_who_owes then transaction_number * 10 + named_level end) over (
            partition by claim_id order by transaction_number
            rows between unbounded preceding and 1 preceding
        ) as named_before
    from joined

),

summed as (

    select
        *,
        case
            when names_who_owes then named_level
            else coalesce(mod(named_before, 10), 3)
        end as payer_level,
        coalesce(
            sum(
                case transaction_type
                    when 'CHARGE' then amount
                    when 'PAYMENT' then -paid_amount
                    when 'ADJUSTMENT' then -adjusted_amount
                end
            ) over (
                partition by claim_id, charge_number order by transaction_number
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as open_before
    from numbered

),

named as (

    select
        *,
        case payer_level when 1 then primary_payer_id when 2 then secondary_payer_id end
            as insurer_id,
        transaction_type = 'PAYMENT'
        and coalesce(method in ('COPAY', 'CASH', 'CHECK', 'CC'), false) as is_paid_by_patient
    from summed

),

levelled as (

    select
        -- keys
        claim_id,
        transaction_number,
        charge_number,
        encounter_id,
        patient_id,
        patient_pseudonym,
        insurer_id,

        -- attributes
        transaction_type,
        method,
        procedure_code,
        payer_level,
        is_paid_by_patient,
        has_claim,

        -- amounts
        case transaction_type
            when 'CHARGE' then amount
            when 'PAYMENT' then paid_amount
            when 'ADJUSTMENT' then adjusted_amount
            else coalesce(transferred_amount, amount)
        end as amount,
        -- the patient's payments of an insurer's part, up to the open amount of the charge
        case
            when is_paid_by_patient and insurer_id is not null and open_before > 0
                then least(paid_amount, open_before)
            else 0
        end as taken_over_amount,

        -- times
        {{ business_day('served_at') }} as served_on,

        -- lineage
        extract_date,
        load_id
    from named

)

select * from levelled
