-- Longer than usual: one row has the entry, its charge and what it moves.
with entries as (

    select * from {{ ref('input_ledger_entries') }}

),

claims as (

    select * from {{ ref('input_claims') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}
    where area = 'billing'

),

-- an entry without a posting date counts from its service, or from the extract that showed it
dated as (

    select
        entries.*,
        claims.insurance_plan_id as claim_plan_id,
        as_of_dates.as_of_date,
        coalesce(entries.posted_on, entries.service_date, entries.extract_date) as booked_on
    from entries
    cross join as_of_dates
    left join claims
        on entries.claim_id = claims.claim_id

),

-- each charge as known by the as-of date; the payer that the system names owes it first, else its
-- claim's plan, else the patient
charges as (

    select
        charge_id,
        coalesce(
            min(case when entry_type = 'charge' then owed_first_by end),
            min(case when entry_type = 'charge' then claim_plan_id end),
            'patient'
        ) as first_payer_id,
        coalesce(
            min(case when entry_type = 'charge' then patient_pseudonym end),
            min(patient_pseudonym)
        ) as patient_pseudonym,
        min(case when entry_type = 'charge' then encounter_id end) as encounter_id,
        min(case when entry_type = 'charge' then coalesce(service_date, booked_on) end)
            as service_date
    from dated
    where charge_id is not null and booked_on <= as_of_date
    group by charge_id
    having sum(case when entry_type = 'charge' then 1 else 0 end) > 0

),

placed as (

    select
        dated.*,
        charges.service_date as charge_service_date,
        charges.encounter_id as charge_encounter_id,
        coalesce(charges.first_payer_id, dated.claim_plan_id, 'patient') as first_payer_id,
        case
            when charges.charge_id is not null then charges.patient_pseudonym
            else dated.patient_pseudonym
        end as owing_patient_pseudonym,
        coalesce(dated.patient_pseudonym <> charges.patient_pseudonym, false)
            as is_of_other_patient,
        dated.charge_id is null as is_unapplied,
        dated.charge_id is not null and charges.charge_id is null as has_no_charge
    from dated
    left join charges
        on dated.charge_id = charges.charge_id

),

signed as (

    select
        *,
        case
            when entry_type <> 'charge' and payer is not null then payer
            when entry_type = 'transfer_in' and transfer_to = 'patient' then 'patient'
            -- the debt has left its payer, and for whom the entry does not tell
            when entry_type = 'transfer_in' then {{ unknown_member() }}
            else first_payer_id
        end as payer_id,
        {{ signed_amount('entry_type', 'amount') }} as signed_amount,
        coalesce(entry_type, '') not in (
            'charge', 'payment', 'adjustment', 'refund', 'transfer_out', 'transfer_in'
        ) as is_unknown_type
    from placed

)

select * from signed
