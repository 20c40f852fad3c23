-- What adds up to nothing is on no list, so the lists add up to the ageing: for each patient and
-- payer.
with balances as (

    select
        patient_durable_key,
        payer_id,
        sum(balance_amount) as balance_amount
    from {{ ref('balances_to_apply') }}
    group by patient_durable_key, payer_id

),

ageing as (

    select
        patient_durable_key,
        payer_id,
        sum(unapplied_amount) as unapplied_amount
    from {{ ref('ar_ageing') }}
    group by patient_durable_key, payer_id
    having sum(unapplied_amount) <> 0

),

compared as (

    select
        coalesce(balances.patient_durable_key, ageing.patient_durable_key) as patient_durable_key,
        coalesce(balances.payer_id, ageing.payer_id) as payer_id,
        coalesce(balances.balance_amount, 0) as balance_amount,
        coalesce(ageing.unapplied_amount, 0) as unapplied_amount
    from balances
    full outer join ageing
        on balances.patient_durable_key = ageing.patient_durable_key
        and balances.payer_id = ageing.payer_id

)

select * from compared
where balance_amount <> unapplied_amount
