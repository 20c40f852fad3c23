-- Longer than usual: a claim is what its sendings, its answers and the ledger say together.
with claims as (

    select
        *,
        {{ business_day('made_at') }} as made_on,
        {{ business_day('coalesce(sent_at, made_at)') }} as sent_on
    from {{ ref('stg_openemr__claims') }}
    where payer_level between 1 and 3

),

visits as (

    select * from {{ ref('int_openemr_visits_levelled') }}
    where is_invoice

),

postings as (

    select * from {{ ref('int_openemr_postings_dated') }}
    where paid_amount <> 0 or adjusted_amount <> 0

),

numbered as (

    select
        *,
        row_number() over (
            partition by patient_pseudonym, encounter_number, payer_level order by version desc
        ) as place,
        max(case when status_code = 7 then version end) over (
            partition by patient_pseudonym, encounter_number, payer_level
        ) as denied_version
    from claims

),

-- the newest status counts, and a denial's reasons stay: code_modifier_group_reason, …
sent as (

    select
        patient_pseudonym,
        encounter_number,
        payer_level,
        max(case when place = 1 then patient_id end) as patient_id,
        max(case when place = 1 then status_code end) as status_code,
        max(case when place = 1 then insurance_company_id end) as insurance_company_id,
        max(case when status_code in (2, 6) then sent_on end) as submitted_on,
        max(case when status_code = 7 then made_on end) as denied_on,
        max(
            case when version = denied_version then {{ part_of('process_file', ',', 1) }} end
        ) as denial,
        max(case when place = 1 then extract_date end) as extract_date,
        max(case when place = 1 then load_id end) as load_id
    from numbered
    group by patient_pseudonym, encounter_number, payer_level
    having max(case when status_code > 1 then 1 else 0 end) = 1

),

answered as (

    select
        sent.patient_pseudonym,
        sent.encounter_number,
        sent.payer_level,
        sum(postings.paid_amount) as paid,
        min(postings.booked_on) as first_answer,
        min(case when postings.booked_on >= sent.submitted_on then postings.booked_on end)
            as answer_to_the_last
    from sent
    inner join postings
        on sent.patient_pseudonym = postings.patient_pseudonym
        and sent.encounter_number = postings.encounter_number
        and sent.payer_level = postings.payer_level
    group by sent.patient_pseudonym, sent.encounter_number, sent.payer_level

),

judged as (

    select
        sent.*,
        visits.encounter_id as charge_id,
        case when not visits.is_deleted then visits.encounter_id end as encounter_id,
        case sent.payer_level
            when 1 then visits.company_1 when 2 then visits.company_2 else visits.company_3
        end as company_of_level,
        coalesce(answered.answer_to_the_last, answered.first_answer) as answered_on,
        case
            when coalesce(visits.last_level_closed, 0) >= sent.payer_level and answered.paid > 0
                then 'Paid'
            when sent.status_code = 7 then 'Denied'
            when coalesce(visits.last_level_closed, 0) >= sent.payer_level then 'Closed'
            when answered.first_answer is not null then 'Accepted'
            else 'Submitted'
        end as claim_status
    from sent
    left join visits
        on sent.patient_pseudonym = visits.patient_pseudonym
        and sent.encounter_number = visits.encounter_number
    left join answered
        on sent.patient_pseudonym = answered.patient_pseudonym
        and sent.encounter_number = answered.encounter_number
        and sent.payer_level = answered.payer_level

),

mapped as (

    select
        -- keys
        'openemr' as system_name,
        coalesce(
            charge_id,
            {{ system_number('openemr', 'encounter_number') }} || ':'
            || {{ key_of(['patient_pseudonym']) }}
        )
        || ':' || {{ as_text('payer_level') }} as claim_id,
        encounter_id,
        {{ system_number('openemr', 'patient_id') }} as patient_id,
        patient_pseudonym,
        coalesce(
            {{ system_number('openemr', 'insurance_company_id') }},
            {{ system_number('openemr', 'company_of_level') }}
        ) as insurance_plan_id,

        -- attributes
        case payer_level when 1 then 'primary' when 2 then 'secondary' else 'tertiary' end
            as claim_position,
        claim_status,
        {{ part_of('denial', '_', 3) }} || '-' || {{ part_of('denial', '_', 4) }} as denial_code,

        -- times
        submitted_on,
        case
            when claim_status = 'Denied' then denied_on
            when claim_status in ('Paid', 'Closed') then answered_on
        end as decided_on,

        -- lineage
        extract_date,
        load_id
    from judged

)

select * from mapped
