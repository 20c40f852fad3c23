-- 50 years with 13 leap days (2000, 2004, …, 2048) are 50 * 365 + 13 = 18,263 days.
-- 20 November 2026 is a Friday.
with dates as (

    select * from {{ ref('dim_dates') }}

),

counted as (

    select
        count(*) as days,
        min(date_day) as first_day,
        max(date_day) as last_day,
        sum(
            case
                when
                    date_day = date '2026-11-20'
                    and day_name = 'Friday'
                    and day_of_week = 5
                    and week_start = date '2026-11-16'
                    and month_end = date '2026-11-30'
                    and year_month = '2026-11'
                    then 1
                when
                    date_day = date '2024-02-29'
                    and month_name = 'February'
                    and month_end = date_day
                    and quarter_number = 1
                    then 1
                else 0
            end
        ) as right_days
    from dates

)

select * from counted
where
    days <> 18263
    or first_day <> date '2000-01-01'
    or last_day <> date '2049-12-31'
    or right_days <> 2
