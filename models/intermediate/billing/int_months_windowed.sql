with entries as (

    select * from {{ ref('fct_ledger_entries') }}
    where not is_future_dated

),

dates as (

    select * from {{ ref('dim_dates') }}

),

posted as (

    select
        min({{ calendar_month('posted_on') }}) as first_month,
        as_of_date
    from entries
    group by as_of_date

),

ended as (

    select
        dates.date_day as month_start,
        least(dates.month_end, posted.as_of_date) as measured_on,
        posted.as_of_date
    from posted
    inner join dates
        on posted.first_month <= dates.date_day
        and posted.as_of_date >= dates.date_day
    where dates.day_of_month = 1

),

charged as (

    select
        posted_on,
        lag(posted_on) over (order by posted_on) as charged_before_on
    from entries
    where entry_type = 'charge'
    group by posted_on

),

-- after a gap the books begin anew: one old charge is not the beginning of a whole year
begun as (

    select posted_on as begun_on
    from charged
    where
        charged_before_on is null
        or {{ days_between('charged_before_on', 'posted_on') }} > 92

),

kept as (

    select
        ended.month_start,
        ended.measured_on,
        max(begun.begun_on) as books_begun_on,
        ended.as_of_date
    from ended
    left join begun
        on ended.measured_on >= begun.begun_on
    group by ended.month_start, ended.measured_on, ended.as_of_date

),

-- twelve months are 365 days with both ends, or as many as the books have
windowed as (

    select
        -- keys
        month_start,

        -- times
        case
            when books_begun_on > {{ add_days('measured_on', -364) }} then books_begun_on
            else {{ add_days('measured_on', -364) }}
        end as window_start,
        books_begun_on,
        measured_on,
        as_of_date
    from kept

)

select * from windowed
