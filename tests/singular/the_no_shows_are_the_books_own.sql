-- Each past appointment of the book is in one row, under the one way in which it ended.
with counted as (

    select
        coalesce(sum(booked_appointments), 0) as booked,
        coalesce(sum(appointments), 0) as resolved,
        coalesce(sum(kept_appointments), 0) as kept,
        coalesce(sum(no_show_appointments), 0) as missed,
        coalesce(sum(cancelled_appointments), 0) as cancelled,
        coalesce(sum(left_appointments), 0) as went,
        coalesce(sum(unresolved_appointments), 0) as unresolved
    from {{ ref('no_shows') }}

),

books as (

    select
        count(*) as booked,
        coalesce(sum(case when outcome = 'completed' then 1 else 0 end), 0) as kept,
        coalesce(sum(case when outcome = 'no-show' then 1 else 0 end), 0) as missed,
        coalesce(
            sum(case when outcome in ('cancelled', 'late cancelled') then 1 else 0 end), 0
        ) as cancelled,
        coalesce(sum(case when outcome = 'left' then 1 else 0 end), 0) as went,
        coalesce(sum(case when outcome = 'unresolved' then 1 else 0 end), 0) as unresolved
    from {{ ref('fct_appointments') }}
    where is_past

),

compared as (

    select counted.booked
    from counted
    cross join books
    where
        counted.booked <> books.booked
        or counted.resolved <> books.kept + books.missed
        or counted.kept <> books.kept
        or counted.missed <> books.missed
        or counted.cancelled <> books.cancelled
        or counted.went <> books.went
        or counted.unresolved <> books.unresolved
        or counted.booked
        <> counted.resolved + counted.cancelled + counted.went + counted.unresolved

)

select * from compared
