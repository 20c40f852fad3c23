-- Longer than usual: twelve amounts of a charge are summed, and then cast, a line each.
{{ config(**engine_config(dist='patient_durable_key', sort=['service_date'])) }}

with entries as (

    select * from {{ ref('fct_ledger_entries') }}

),

payments as (

    select * from {{ ref('int_payments_kept') }}

),

-- entries by the as-of date on a charge posted by then
posted as (

    select
        *,
        case when entry_type = 'charge' then signed_amount else 0 end as charged,
        case when entry_type = 'adjustment' then -signed_amount else 0 end as adjusted,
        case when entry_type = 'payment' then -signed_amount else 0 end as paid,
        case when entry_type = 'refund' then signed_amount else 0 end as refunded,
        case when entry_type in ('transfer_in', 'transfer_out') then signed_amount else 0 end
            as moved
    from entries
    where
        not is_future_dated
        and not is_unapplied
        and not has_no_charge

),

-- a charge's own entry, of which there is one at least
charges as (

    select
        *,
        row_number() over (partition by charge_key order by posted_on, ledger_entry_key) as place
    from posted
    where entry_type = 'charge'

),

summed as (

    select
        charge_key,
        sum(charged) as charged,
        sum(adjusted) as adjusted,
        sum(case when adjustment_code = 'contractual' then adjusted else 0 end) as contractual,
        sum(case when adjustment_code = 'write_off' then adjusted else 0 end) as written_off,
        sum(case when adjustment_code = 'charity' then adjusted else 0 end) as charity,
        sum(case when adjustment_code = 'bad_debt' then adjusted else 0 end) as bad_debt,
        sum(case when payer_id <> 'patient' then paid else 0 end) as plan_paid,
        sum(case when payer_id = 'patient' then paid else 0 end) as patient_paid,
        sum(refunded) as refunded,
        sum(case when payer_id = 'patient' then moved else 0 end) as moved_to_patient,
        sum(moved) as moved,
        sum(signed_amount) as balance
    from posted
    group by charge_key

),

-- without what was taken back
paid as (

    select
        charge_key,
        max(kept_amount) as largest_payment,
        min(posted_on) as first_payment_on,
        max(posted_on) as last_payment_on
    from payments
    where charge_key is not null
    group by charge_key

),

accumulated as (

    select
        -- keys
        summed.charge_key,
        charges.claim_key,
        charges.encounter_key,
        charges.patient_key,
        charges.patient_durable_key,
        charges.physician_key,
        charges.physician_durable_key,
        charges.insurance_plan_key,
        charges.insurance_plan_durable_key,
        charges.system_name,

        -- attributes
        charges.payer_id,
        charges.procedure_code,
        summed.balance < 0 as has_credit,
        coalesce(paid.largest_payment > summed.charged, false) as has_payment_above_charge,

        -- amounts
        cast(summed.charged as decimal(18, 2)) as charge_amount,
        cast(summed.contractual as decimal(18, 2)) as contractual_amount,
        cast(summed.written_off as decimal(18, 2)) as write_off_amount,
        cast(summed.charity as decimal(18, 2)) as charity_amount,
        cast(summed.bad_debt as decimal(18, 2)) as bad_debt_amount,
        cast(summed.adjusted as decimal(18, 2)) as adjustment_amount,
        cast(summed.plan_paid as decimal(18, 2)) as plan_payment_amount,
        cast(summed.patient_paid as decimal(18, 2)) as patient_payment_amount,
        cast(summed.refunded as decimal(18, 2)) as refund_amount,
        cast(summed.moved_to_patient as decimal(18, 2)) as moved_to_patient_amount,
        cast(summed.moved as decimal(18, 2)) as transfer_amount,
        cast(summed.balance as decimal(18, 2)) as balance_amount,

        -- times
        charges.charge_service_date as service_date,
        charges.posted_on as charged_on,
        paid.first_payment_on,
        paid.last_payment_on,
        case
            when summed.balance <= 0
                then cast({{ days_between(
                    'charges.charge_service_date', 'paid.last_payment_on'
                ) }} as bigint)
        end as days_to_pay,
        charges.as_of_date
    from summed
    inner join charges
        on summed.charge_key = charges.charge_key
        and charges.place = 1
    left join paid
        on summed.charge_key = paid.charge_key

)

select * from accumulated
