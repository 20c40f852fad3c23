{{ config(**engine_config(dist='patient_durable_key', sort=['posted_on'])) }}

with entries as (

    select * from {{ ref('int_ledger_entries_signed') }}

),

encounters as (

    select * from {{ ref('fct_encounters') }}

),

patients as (

    select * from {{ ref('int_patients_versioned') }}

),

insurance_plans as (

    select * from {{ ref('int_insurance_plans_versioned') }}

),

-- everything on a known charge belongs to its first payer and to the physician of its visit
belonging as (

    select
        *,
        nullif(payer_id, {{ unknown_member() }}) as known_payer_id,
        nullif(
            case when is_unapplied or has_no_charge then payer_id else first_payer_id end,
            {{ unknown_member() }}
        ) as known_owner_id,
        {{ key_or_null('charge_encounter_id') }} as charge_encounter_key
    from entries

),

joined as (

    select
        -- keys
        {{ key_of(['entries.entry_id']) }} as ledger_entry_key,
        {{ key_or_null('entries.charge_id') }} as charge_key,
        {{ key_or_null('entries.claim_id') }} as claim_key,
        {{ key_or_null('entries.encounter_id') }} as encounter_key,
        coalesce(patients.patient_key, {{ unknown_member() }}) as patient_key,
        {{ key_or_unknown('entries.owing_patient_pseudonym') }} as patient_durable_key,
        coalesce(insurance_plans.insurance_plan_key, {{ unknown_member() }}) as insurance_plan_key,
        {{ key_or_unknown('entries.known_payer_id') }} as insurance_plan_durable_key,
        {{ key_or_unknown('entries.known_owner_id') }} as first_payer_durable_key,
        coalesce(encounters.physician_key, {{ unknown_member() }}) as physician_key,
        coalesce(encounters.physician_durable_key, {{ unknown_member() }}) as physician_durable_key,
        entries.system_name,
        entries.entry_id,

        -- attributes
        entries.entry_type,
        entries.payer_id,
        case
            when entries.payer_id in ('patient', {{ unknown_member() }}) then entries.payer_id
            when entries.payer_id = entries.first_payer_id then 'primary'
            else 'secondary'
        end as payer_position,
        entries.method,
        entries.procedure_code,
        entries.adjustment_code,
        entries.reason_code,
        entries.is_unapplied,
        entries.has_no_charge,
        entries.is_unknown_type,
        entries.is_of_other_patient,
        entries.booked_on > entries.as_of_date as is_future_dated,
        entries.posted_on is null as is_undated,
        coalesce(entries.amount = 0, false) as is_zero_amount,

        -- amounts
        entries.amount,
        entries.signed_amount,

        -- times
        entries.booked_on as posted_on,
        entries.service_date,
        entries.charge_service_date,
        entries.as_of_date
    from belonging as entries
    left join encounters
        on entries.charge_encounter_key = encounters.encounter_key
    left join patients
        on entries.owing_patient_pseudonym = patients.patient_pseudonym
        and {{ valid_on('patients', 'entries.booked_on') }}
    left join insurance_plans
        on entries.payer_id = insurance_plans.insurance_plan_id
        and {{ valid_on('insurance_plans', 'entries.booked_on') }}

)

select * from joined
