with source as (

    select * from {{ ref('base_landfall__loads') }}

),

known as (

    select * from source
    where extract_date <= {{ as_of() }}

)

select * from known
