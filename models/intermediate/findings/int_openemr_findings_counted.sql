-- Longer than usual: each kind of finding takes its few lines, and all belong in one place.
with calendar_entries as (

    select * from {{ ref('int_openemr_appointments_grouped') }}

),

statuses as (

    select * from {{ ref('openemr_appointment_statuses') }}

),

list_options as (

    select * from {{ ref('stg_openemr__list_options') }}
    where list_id = 'apptstat'

),

visits as (

    select * from {{ ref('int_openemr_visits_levelled') }}

),

coverages as (

    select * from {{ ref('stg_openemr__coverages') }}

),

postings as (

    select * from {{ ref('int_openemr_postings_dated') }}

),

billing_lines as (

    select * from {{ ref('stg_openemr__billing_lines') }}
    where is_live and fee <> 0

),

sessions as (

    select * from {{ ref('stg_openemr__sessions') }}

),

coded as (

    select
        calendar_entries.*,
        statuses.appointment_status,
        statuses.status_code is null
        and not coalesce(list_options.is_checked_in, false)
        and not coalesce(list_options.is_checked_out, false) as is_unknown_code
    from calendar_entries
    left join statuses
        on calendar_entries.status_code = statuses.status_code
    left join list_options
        on calendar_entries.status_code = list_options.option_id
    where calendar_entries.status_code is not null

),

met as (

    select
        postings.paid_amount,
        postings.adjusted_amount,
        postings.encounter_number,
        visits.visit_id,
        coalesce(
            postings.insurance_company_id,
            case postings.payer_level
                when 1 then visits.company_1
                when 2 then visits.company_2
                when 3 then visits.company_3
                else 0
            end
        ) as insurance_company_id
    from postings
    left join visits
        on postings.patient_pseudonym = visits.patient_pseudonym
        and postings.encounter_number = visits.encounter_number
        and visits.is_invoice
    where postings.paid_amount <> 0 or postings.adjusted_amount <> 0

),

charged as (

    select
        visits.visit_id,
        visits.is_deleted
    from billing_lines
    left join visits
        on billing_lines.patient_pseudonym = visits.patient_pseudonym
        and billing_lines.encounter_number = visits.encounter_number
        and visits.is_invoice

),

applied as (

    select
        session_id,
        sum(paid_amount) as applied_amount
    from postings
    group by session_id

),

found as (

    select
        'openemr_postcalendar_events' as table_name,
        'series_not_unrolled' as finding
    from calendar_entries
    where is_series
    union all
    select
        'openemr_postcalendar_events' as table_name,
        'unknown_status' as finding
    from coded
    where is_unknown_code
    union all
    select
        'openemr_postcalendar_events' as table_name,
        'ended_before_its_day' as finding
    from coded
    where entry_date > extract_date
        and appointment_status in ('arrived', 'completed', 'no-show', 'left')
    union all
    select
        'form_encounter' as table_name,
        'number_of_another_visit' as finding
    from visits
    where has_number_of_another
    union all
    select
        'form_encounter' as table_name,
        'level_without_company' as finding
    from visits
    where last_level_billed > last_level_closed
        and case last_level_closed
            when 0 then company_1 when 1 then company_2 when 2 then company_3
        end is null
    union all
    select
        'insurance_data' as table_name,
        'ends_before_it_starts' as finding
    from coverages
    where ends_on < starts_on
    union all
    select
        'ar_activity' as table_name,
        'no_such_visit_of_the_patient' as finding
    from met
    where visit_id is null
        and encounter_number <> 0
    union all
    select
        'ar_activity' as table_name,
        'level_without_company' as finding
    from met
    where insurance_company_id is null
    union all
    select
        'ar_activity' as table_name,
        'payment_and_adjustment_in_one' as finding
    from met
    where paid_amount <> 0
        and adjusted_amount <> 0
    union all
    select
        'billing' as table_name,
        'no_such_visit_of_the_patient' as finding
    from charged
    where visit_id is null
    union all
    select
        'billing' as table_name,
        'charge_of_a_deleted_visit' as finding
    from charged
    where is_deleted
    union all
    select
        'ar_session' as table_name,
        'more_applied_than_received' as finding
    from sessions
    inner join applied
        on sessions.session_id = applied.session_id
        and sessions.received_amount < applied.applied_amount

),

counted as (

    select
        'openemr' as source_name,
        table_name,
        finding,
        count(*) as rows_found
    from found
    group by table_name, finding

)

select * from counted
