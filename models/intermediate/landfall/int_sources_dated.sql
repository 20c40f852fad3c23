with loads as (

    select * from {{ ref('stg_landfall__loads') }}

),

dated as (

    select
        source_name,
        max(extract_date) as as_of_date
    from loads
    where is_counted
    group by source_name

)

select * from dated
