with appointments as (

    select * from {{ ref('fct_appointments') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

-- two patients at one start count as one start
starts as (

    select
        appointments.physician_durable_key,
        dates.day_of_week,
        dates.day_name,
        appointments.appointment_date,
        appointments.appointment_time,
        max(case when appointments.outcome <> 'cancelled' then 1 else 0 end) as booked,
        max(case when appointments.outcome = 'completed' then 1 else 0 end) as kept,
        max(appointments.as_of_date) as as_of_date
    from appointments
    inner join dates
        on appointments.appointment_date = dates.date_day
    where
        appointments.physician_durable_key <> {{ unknown_member() }}
        and appointments.appointment_time is not null
        and appointments.appointment_date < appointments.as_of_date
        and appointments.appointment_date >= {{ add_days('appointments.as_of_date', -365) }}
    group by
        appointments.physician_durable_key,
        dates.day_of_week,
        dates.day_name,
        appointments.appointment_date,
        appointments.appointment_time

),

patterned as (

    select
        physician_durable_key,
        day_of_week,
        day_name,
        count(distinct appointment_date) as days,
        count(distinct appointment_time) as times,
        sum(booked) as booked,
        sum(kept) as kept,
        max(as_of_date) as as_of_date
    from starts
    group by physician_durable_key, day_of_week, day_name

),

shared as (

    select
        -- keys
        {{ key_of(['physician_durable_key', 'day_of_week']) }} as utilisation_key,
        physician_durable_key,

        -- attributes
        cast(day_of_week as bigint) as day_of_week,
        day_name,

        -- amounts
        cast(days as bigint) as days_worked,
        cast(times as bigint) as start_times,
        cast(days * times as bigint) as slots,
        cast(booked as bigint) as booked_slots,
        cast(kept as bigint) as kept_slots,
        {{ ratio('booked', 'days * times', 4) }} as booked_share,
        {{ ratio('kept', 'days * times', 4) }} as kept_share,

        -- times
        as_of_date
    from patterned

)

select * from shared
