with areas as (

    select * from {{ ref('areas') }}

),

sources as (

    select * from {{ ref('int_sources_dated') }}

),

dated as (

    select
        areas.area,
        max(case when areas.is_dated_by then sources.as_of_date end) as as_of_date
    from areas
    left join sources
        on areas.source_name = sources.source_name
    group by areas.area

)

select * from dated
