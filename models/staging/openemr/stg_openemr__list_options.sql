with source as (

    {{ state_of('openemr', 'list_options') }}

),

renamed as (

    select
        -- keys
        list_id,
        option_id,

        -- attributes
        title,
        toggle_setting_1 = 1 as is_checked_in,
        toggle_setting_2 = 1 as is_checked_out,
        activity = 1 as is_offered,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
