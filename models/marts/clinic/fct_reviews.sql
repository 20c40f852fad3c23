{{ config(**engine_config(sort=['review_date'])) }}

with reviews as (

    select * from {{ ref('input_reviews') }}

),

stripped as (

    select
        -- keys
        {{ key_of(['review_id']) }} as review_key,
        system_name,

        -- attributes
        location as reviewer_location,
        friends as reviewer_friends,
        reviews as reviewer_reviews,

        -- times
        review_date
    from reviews

)

select * from stripped
