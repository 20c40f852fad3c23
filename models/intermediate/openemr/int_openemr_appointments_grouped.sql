with calendar_entries as (

    select * from {{ ref('stg_openemr__calendar_entries') }}

),

categories as (

    select * from {{ ref('stg_openemr__calendar_categories') }}

),

-- of an entry's category 0 is a patient's; others are time of providers, of the clinic, of groups
of_patients as (

    select
        calendar_entries.*,
        coalesce(categories.constant_name = 'no_show', false) as is_category_no_show
    from calendar_entries
    left join categories
        on calendar_entries.category_id = categories.category_id
    where
        calendar_entries.patient_pseudonym is not null
        and coalesce(categories.category_type, 0) = 0

),

-- with several providers the calendar has a row for each: it is one appointment, the first row's
grouped as (

    select
        *,
        case
            when group_id > 0 and not is_series
                then
                    min(entry_id) over (
                        partition by group_id, patient_pseudonym, entry_date, is_series
                    )
            else entry_id
        end as appointment_number
    from of_patients

)

select * from grouped
