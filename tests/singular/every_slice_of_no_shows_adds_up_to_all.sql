-- Physicians, weekdays, hours and kinds of patient cut the same appointments, and these are the
-- book's own.
with slices as (

    select
        sliced_by,
        sum(kept_appointments) as kept,
        sum(no_show_appointments) as missed,
        sum(unresolved_appointments) as unresolved,
        sum(appointments) as resolved
    from {{ ref('no_shows') }}
    group by sliced_by

),

books as (

    select
        coalesce(sum(case when outcome = 'completed' then 1 else 0 end), 0) as kept,
        coalesce(sum(case when outcome = 'no-show' then 1 else 0 end), 0) as missed,
        coalesce(sum(case when outcome = 'unresolved' then 1 else 0 end), 0) as unresolved
    from {{ ref('fct_appointments') }}
    where appointment_date < as_of_date

),

compared as (

    select slices.sliced_by
    from slices
    cross join books
    where
        slices.kept <> books.kept
        or slices.missed <> books.missed
        or slices.unresolved <> books.unresolved
        or slices.resolved <> books.kept + books.missed

)

select * from compared
