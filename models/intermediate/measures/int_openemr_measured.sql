with measured as (

    {{ measures_of('openemr', 'patient_data', ref('stg_openemr__patients')) }}
    union all
    {{ measures_of('openemr', 'insurance_companies', ref('stg_openemr__insurance_companies')) }}
    union all
    {{ measures_of('openemr', 'insurance_data', ref('stg_openemr__coverages')) }}
    union all
    {{ measures_of('openemr', 'users', ref('stg_openemr__users')) }}
    union all
    {{ measures_of('openemr', 'facility', ref('stg_openemr__facilities')) }}
    union all
    {{ measures_of('openemr', 'openemr_postcalendar_categories',
        ref('stg_openemr__calendar_categories')) }}
    union all
    {{ measures_of('openemr', 'openemr_postcalendar_events',
        ref('stg_openemr__calendar_entries')) }}
    union all
    {{ measures_of('openemr', 'list_options', ref('stg_openemr__list_options')) }}
    union all
    {{ measures_of('openemr', 'patient_tracker', ref('stg_openemr__trackers')) }}
    union all
    {{ measures_of('openemr', 'patient_tracker_element',
        ref('stg_openemr__tracker_statuses')) }}
    union all
    {{ measures_of('openemr', 'form_encounter', ref('stg_openemr__visits')) }}
    union all
    {{ measures_of('openemr', 'forms', ref('stg_openemr__forms')) }}
    union all
    {{ measures_of('openemr', 'billing', ref('stg_openemr__billing_lines'), {'fee': 'fee'}) }}
    union all
    {{ measures_of('openemr', 'ar_session', ref('stg_openemr__sessions'), {
        'pay_total': 'received_amount', 'global_amount': 'parked_amount'
    }) }}
    union all
    {{ measures_of('openemr', 'ar_activity', ref('stg_openemr__postings'), {
        'pay_amount': 'paid_amount', 'adj_amount': 'adjusted_amount'
    }) }}
    union all
    {{ measures_of('openemr', 'claims', ref('stg_openemr__claims')) }}
    union all
    {{ measures_of('openemr', 'drug_sales', ref('stg_openemr__product_sales'), {'fee': 'fee'}) }}

)

select * from measured
