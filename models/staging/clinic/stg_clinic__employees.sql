with source as (

    {{ state_of('clinic', 'employee') }}

),

renamed as (

    select
        -- keys
        employee_id,

        -- attributes
        first_name,
        last_name,
        email,
        phone_number,
        title,
        sees_patients as is_physician,
        active as is_active,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
