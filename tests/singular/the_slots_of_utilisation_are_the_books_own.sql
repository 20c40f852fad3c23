-- What was booked and kept, counted again over all physicians and weekdays at once; and no one
-- keeps what was not booked, nor books beyond the pattern.
with utilisation as (

    select * from {{ ref('utilisation') }}

),

starts as (

    select distinct
        physician_durable_key,
        appointment_date,
        appointment_time,
        outcome
    from {{ ref('fct_appointments') }}
    where
        physician_durable_key <> {{ unknown_member() }}
        and appointment_date is not null
        and appointment_time is not null
        and {{ days_between('appointment_date', 'as_of_date') }} between 1 and 365

),

booked as (

    select distinct
        physician_durable_key,
        appointment_date,
        appointment_time
    from starts
    where outcome <> 'cancelled'

),

kept as (

    select * from starts
    where outcome = 'completed'

),

compared as (

    select
        (select coalesce(sum(booked_slots), 0) from utilisation) as booked_slots,
        (select count(*) from booked) as booked_starts,
        (select coalesce(sum(kept_slots), 0) from utilisation) as kept_slots,
        (select count(*) from kept) as kept_starts

),

odd as (

    select 'totals' as what
    from compared
    where
        booked_slots <> booked_starts
        or kept_slots <> kept_starts
    union all
    select 'bounds' as what
    from utilisation
    where
        kept_slots > booked_slots
        or booked_slots > slots

)

select * from odd
