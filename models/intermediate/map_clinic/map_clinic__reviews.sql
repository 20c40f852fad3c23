with reviews as (

    select * from {{ ref('stg_reviews__reviews') }}

),

mapped as (

    select
        -- keys
        'clinic' as system_name,
        review_id,

        -- attributes
        reviewer_name,
        location,
        review_text,

        -- amounts
        friends,
        reviews,

        -- times
        review_date,

        -- lineage
        extract_date,
        load_id
    from reviews

)

select * from mapped
