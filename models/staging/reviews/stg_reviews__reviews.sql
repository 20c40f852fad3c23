with source as (

    {{ state_of('reviews', 'yelpmerge1') }}

),

renamed as (

    select
        -- keys: nothing in a review identifies it, so its place does
        {{ key_of(['load_id', '_source_row']) }} as review_id,

        -- attributes
        name as reviewer_name,
        location,
        text as review_text,

        -- amounts
        friends,
        reviews,

        -- times
        review_date,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
