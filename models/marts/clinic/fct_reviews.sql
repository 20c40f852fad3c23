{{ config(**engine_config(sort=['review_date'])) }}

with reviews as (

    select * from {{ ref('stg_reviews__reviews') }}

),

stripped as (

    select
        -- keys
        {{ key_of(['review_id']) }} as review_key,

        -- attributes
        location as reviewer_location,
        friends as reviewer_friends,
        reviews as reviewer_reviews,

        -- times
        review_date
    from reviews

)

select * from stripped
