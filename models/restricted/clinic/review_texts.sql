{{ config(**engine_config(sort=['review_date'])) }}

with reviews as (

    select * from {{ ref('input_reviews') }}

),

told as (

    select
        -- keys
        {{ key_of(['review_id']) }} as review_key,

        -- attributes
        reviewer_name,
        review_text,

        -- times
        review_date
    from reviews

)

select * from told
