-- Longer than usual: three levels of insurance, each with its company and the day it was closed.
with visits as (

    select * from {{ ref('stg_openemr__visits') }}

),

forms as (

    select * from {{ ref('stg_openemr__forms') }}

),

coverages as (

    select * from {{ ref('int_openemr_coverages_dated') }}
    where insurance_company_id is not null

),

claims as (

    select * from {{ ref('stg_openemr__claims') }}

),

-- a later reversal by a payer does not close a level
postings as (

    select * from {{ ref('int_openemr_postings_dated') }}
    where paid_amount >= 0 or paid_amount is null

),

deleted as (

    select form_id as visit_id
    from forms
    where form_name = 'newpatient'
    group by form_id
    having min(case when is_deleted then 1 else 0 end) = 1

),

-- a number belongs to one visit; where it comes twice, OpenEMR's balance reads the newest row
numbered as (

    select
        visits.*,
        {{ business_day('visits.visited_at') }} as service_date,
        deleted.visit_id is not null as is_deleted,
        row_number() over (partition by visits.encounter_number order by visits.visit_id) as place,
        row_number() over (
            partition by visits.encounter_number, visits.patient_pseudonym
            order by visits.visit_id desc
        ) = 1
        and visits.encounter_number is not null as is_invoice
    from visits
    left join deleted
        on visits.visit_id = deleted.visit_id

),

-- the insurance company of a level on the day of service
insured as (

    select
        numbered.visit_id,
        max(case when coverages.payer_level = 1 then coverages.insurance_company_id end)
            as company_1,
        max(case when coverages.payer_level = 2 then coverages.insurance_company_id end)
            as company_2,
        max(case when coverages.payer_level = 3 then coverages.insurance_company_id end)
            as company_3
    from numbered
    inner join coverages
        on numbered.patient_pseudonym = coverages.patient_pseudonym
        and numbered.service_date >= coverages.covers_from
        and (numbered.service_date <= coverages.covers_to or coverages.covers_to is null)
    group by numbered.visit_id

),

sent as (

    select
        patient_pseudonym,
        encounter_number,
        payer_level,
        insurance_company_id,
        {{ business_day('made_at') }} as made_on,
        row_number() over (
            partition by patient_pseudonym, encounter_number, payer_level order by version desc
        ) as place
    from claims

),

billed as (

    select
        patient_pseudonym,
        encounter_number,
        max(case when payer_level = 1 then insurance_company_id end) as company_1,
        max(case when payer_level = 2 then insurance_company_id end) as company_2,
        max(case when payer_level = 3 then insurance_company_id end) as company_3,
        max(case when payer_level = 1 then made_on end) as made_on_1,
        max(case when payer_level = 2 then made_on end) as made_on_2,
        max(case when payer_level = 3 then made_on end) as made_on_3
    from sent
    where place = 1
    group by patient_pseudonym, encounter_number

),

posted as (

    select
        patient_pseudonym,
        encounter_number,
        max(case when payer_level = 1 then booked_on end) as posted_on_1,
        max(case when payer_level = 2 then booked_on end) as posted_on_2,
        max(case when payer_level = 3 then booked_on end) as posted_on_3
    from postings
    group by patient_pseudonym, encounter_number

),

joined as (

    select
        -- keys
        numbered.visit_id,
        numbered.encounter_number,
        numbered.patient_id,
        numbered.patient_pseudonym,
        {{ system_number('openemr', "coalesce(numbered.encounter_number, 0)") }}
        || case
            when numbered.place > 1 or numbered.encounter_number is null
                then ':' || {{ as_text('numbered.visit_id') }}
            else ''
        end as encounter_id,
        numbered.physician_id,
        numbered.facility_id,

        -- attributes
        numbered.is_deleted,
        numbered.is_invoice,
        numbered.place > 1 as has_number_of_another,
        numbered.last_level_billed,
        numbered.last_level_closed,
        coalesce(
            insured.company_1, case when numbered.last_level_billed >= 1 then billed.company_1 end
        ) as company_1,
        coalesce(
            insured.company_2, case when numbered.last_level_billed >= 2 then billed.company_2 end
        ) as company_2,
        coalesce(
            insured.company_3, case when numbered.last_level_billed >= 3 then billed.company_3 end
        ) as company_3,

        -- times
        numbered.visited_at,
        numbered.service_date,
        case
            when numbered.last_level_closed >= 1
                then coalesce(posted.posted_on_1, billed.made_on_1, numbered.service_date)
        end as closed_on_1,
        case
            when numbered.last_level_closed >= 2
                then coalesce(posted.posted_on_2, billed.made_on_2, numbered.service_date)
        end as closed_on_2,
        case
            when numbered.last_level_closed >= 3
                then coalesce(posted.posted_on_3, billed.made_on_3, numbered.service_date)
        end as closed_on_3,

        -- lineage
        numbered.extract_date,
        numbered.load_id
    from numbered
    left join insured
        on numbered.visit_id = insured.visit_id
    left join billed
        on numbered.patient_pseudonym = billed.patient_pseudonym
        and numbered.encounter_number = billed.encounter_number
    left join posted
        on numbered.patient_pseudonym = posted.patient_pseudonym
        and numbered.encounter_number = posted.encounter_number

)

select * from joined
