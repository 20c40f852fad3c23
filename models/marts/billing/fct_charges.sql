{{ config(**engine_config(dist='patient_durable_key', sort=['service_date'])) }}

with entries as (

    select * from {{ ref('fct_ledger_entries') }}

),

-- what was posted by the as-of date on a charge that was; the charge's own entry stands first
posted as (

    select
        *,
        row_number() over (
            partition by charge_key
            order by case when entry_type = 'charge' then 0 else 1 end, posted_on, ledger_entry_key
        ) as place,
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
        sum(signed_amount) as balance,
        max(paid) as largest_payment,
        min(case when paid <> 0 then posted_on end) as first_payment_on,
        max(case when paid <> 0 then posted_on end) as last_payment_on
    from posted
    group by charge_key

),

accumulated as (

    select
        -- keys
        summed.charge_key,
        posted.claim_key,
        posted.encounter_key,
        posted.patient_key,
        posted.patient_durable_key,
        posted.physician_key,
        posted.physician_durable_key,
        posted.insurance_plan_key,
        posted.insurance_plan_durable_key,
        posted.system_name,

        -- attributes
        posted.payer_id,
        posted.procedure_code,
        summed.balance < 0 as has_credit,
        summed.largest_payment > summed.charged as has_payment_above_charge,

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
        posted.charge_service_date as service_date,
        posted.posted_on as charged_on,
        summed.first_payment_on,
        summed.last_payment_on,
        case
            when summed.balance <= 0
                then cast({{ days_between(
                    'posted.charge_service_date', 'summed.last_payment_on'
                ) }} as bigint)
        end as days_to_pay,
        posted.as_of_date
    from summed
    inner join posted
        on summed.charge_key = posted.charge_key
        and posted.place = 1

)

select * from accumulated
