with areas as (

    select * from {{ ref('areas') }}

),

as_of_dates as (

    select * from {{ ref('stg_landfall__as_of_dates') }}

),

dated as (

    select
        areas.area,
        max(case when areas.is_dated_by then as_of_dates.as_of_date end) as as_of_date
    from areas
    left join as_of_dates
        on areas.source_name = as_of_dates.source_name
    group by areas.area

)

select * from dated
