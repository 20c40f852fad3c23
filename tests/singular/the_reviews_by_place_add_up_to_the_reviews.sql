-- No review is lost for want of a date or a place.
with compared as (

    select
        (select coalesce(sum(reviews), 0) from {{ ref('reviews_by_place') }}) as counted,
        (select count(*) from {{ ref('fct_reviews') }}) as expected

),

odd as (

    select * from compared
    where counted <> expected

)

select * from odd
