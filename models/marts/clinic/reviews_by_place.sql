with reviews as (

    select * from {{ ref('fct_reviews') }}

),

dated as (

    select
        {{ month_start('review_date') }} as month_start,
        reviewer_location
    from reviews

),

counted as (

    select
        -- keys
        {{ key_of(['month_start', 'reviewer_location']) }} as reviews_by_place_key,
        month_start,

        -- attributes
        reviewer_location,

        -- amounts
        cast(count(*) as bigint) as reviews
    from dated
    group by month_start, reviewer_location

)

select * from counted
