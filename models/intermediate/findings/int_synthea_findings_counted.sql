-- Longer than usual: each kind of finding takes its few lines, and all belong in one place.
with transactions as (

    select * from {{ ref('int_synthea_transactions_levelled') }}

),

claims as (

    select * from {{ ref('stg_synthea__claims') }}

),

encounters as (

    select * from {{ ref('stg_synthea__encounters') }}

),

charges as (

    select
        claim_id,
        charge_number,
        sum(case when transaction_type = 'TRANSFEROUT' then amount else 0 end) as moved_out,
        sum(case when transaction_type = 'TRANSFERIN' then amount else 0 end) as moved_in
    from transactions
    group by claim_id, charge_number

),

balances as (

    select
        claim_id,
        sum(
            case transaction_type
                when 'CHARGE' then amount
                when 'PAYMENT' then -amount
                when 'ADJUSTMENT' then -amount
                else 0
            end
        ) as balance
    from transactions
    group by claim_id

),

found as (

    select
        'claims_transactions' as table_name,
        'no_such_claim' as finding
    from transactions
    where not has_claim
    union all
    select
        'claims_transactions' as table_name,
        'before_its_charge' as finding
    from transactions
    where charge_number is null
    union all
    select
        'claims_transactions' as table_name,
        'level_without_payer' as finding
    from transactions
    where payer_level < 3
        and insurer_id is null
    union all
    select
        'claims_transactions' as table_name,
        'transferred_apart' as finding
    from charges
    where moved_out <> moved_in
    union all
    select
        'claims' as table_name,
        'closed_with_a_balance' as finding
    from claims
    inner join balances
        on claims.claim_id = balances.claim_id
    where claims.claim_status = 'CLOSED'
        and balances.balance <> 0
    union all
    select
        'claims' as table_name,
        'no_such_encounter' as finding
    from claims
    left join encounters
        on claims.encounter_id = encounters.encounter_id
    where encounters.encounter_id is null

),

counted as (

    select
        'synthea' as source_name,
        table_name,
        finding,
        count(*) as rows_found
    from found
    group by table_name, finding

)

select * from counted
