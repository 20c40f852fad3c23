{{ config(**engine_config(dist='all', sort=['date_day'])) }}

with digits as (

    select 0 as digit
    union all
    select 1 as digit
    union all
    select 2 as digit
    union all
    select 3 as digit
    union all
    select 4 as digit
    union all
    select 5 as digit
    union all
    select 6 as digit
    union all
    select 7 as digit
    union all
    select 8 as digit
    union all
    select 9 as digit

),

-- counted by cross joins, because each engine has its own way to generate a series, or none
numbers as (

    select
        ones.digit + 10 * tens.digit + 100 * hundreds.digit + 1000 * thousands.digit
        + 10000 * ten_thousands.digit as day_number
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
    cross join digits as thousands
    cross join digits as ten_thousands
    where ten_thousands.digit < 2

),

-- 1 January 2000 was a Saturday, the sixth day of its week
days as (

    select
        {{ add_days(calendar_start(), 'day_number') }} as date_day,
        (day_number + 5) % 7 + 1 as day_of_week
    from numbers

),

named as (

    select
        -- keys
        date_day,

        -- attributes
        cast(extract(year from date_day) as bigint) as year_number,
        cast(extract(quarter from date_day) as bigint) as quarter_number,
        cast(extract(month from date_day) as bigint) as month_number,
        cast(extract(day from date_day) as bigint) as day_of_month,
        cast(day_of_week as bigint) as day_of_week,
        substring(cast(date_day as varchar), 1, 7) as year_month,
        case cast(extract(month from date_day) as bigint)
            when 1 then 'January'
            when 2 then 'February'
            when 3 then 'March'
            when 4 then 'April'
            when 5 then 'May'
            when 6 then 'June'
            when 7 then 'July'
            when 8 then 'August'
            when 9 then 'September'
            when 10 then 'October'
            when 11 then 'November'
            else 'December'
        end as month_name,
        case day_of_week
            when 1 then 'Monday'
            when 2 then 'Tuesday'
            when 3 then 'Wednesday'
            when 4 then 'Thursday'
            when 5 then 'Friday'
            when 6 then 'Saturday'
            else 'Sunday'
        end as day_name,
        day_of_week >= 6 as is_weekend,

        -- times
        {{ add_days('date_day', '1 - day_of_week') }} as week_start,
        {{ month_start('date_day') }} as month_start,
        {{ month_end('date_day') }} as month_end
    from days

),

ranged as (

    select * from named
    where date_day < date '2050-01-01'

)

select * from ranged
