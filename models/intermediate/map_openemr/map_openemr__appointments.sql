with appointments as (

    select * from {{ ref('int_openemr_appointments_grouped') }}
    where not is_series and entry_id = appointment_number

),

statuses as (

    select * from {{ ref('openemr_appointment_statuses') }}

),

list_options as (

    select * from {{ ref('stg_openemr__list_options') }}
    where list_id = 'apptstat'

),

facilities as (

    select * from {{ ref('stg_openemr__facilities') }}

),

-- a code of the site's own means what its list says of it: checked in, checked out, or neither
worded as (

    select
        appointments.*,
        facilities.facility_name,
        case
            when statuses.appointment_status is not null then statuses.appointment_status
            when list_options.is_checked_out then 'completed'
            when list_options.is_checked_in then 'arrived'
            else 'booked'
        end as status_of_code
    from appointments
    left join statuses
        on appointments.status_code = statuses.status_code
    left join list_options
        on appointments.status_code = list_options.option_id
    left join facilities
        on appointments.facility_id = facilities.facility_id

),

mapped as (

    select
        -- keys
        'openemr' as system_name,
        {{ system_number('openemr', 'entry_id') }} as appointment_id,
        {{ system_number('openemr', 'physician_id') }} as physician_id,
        {{ system_number('openemr', 'patient_id') }} as patient_id,
        patient_pseudonym,

        -- attributes
        case
            when status_of_code in ('cancelled', 'late cancelled') then status_of_code
            -- before its day only a cancellation can count
            when entry_date > extract_date then 'booked'
            when status_of_code = 'booked' and is_category_no_show then 'no-show'
            else status_of_code
        end as appointment_status,
        {{ system_number('openemr', 'written_by') }} as scheduled_by,
        facility_name as place,
        {{ int_div('duration_seconds', '60') }} as minutes,

        -- times
        entry_date as appointment_date,
        substring(starts_at_time, 1, 5) as appointment_time,
        {{ business_day('written_at') }} as booked_on,

        -- lineage
        extract_date,
        load_id
    from worded

)

select * from mapped
