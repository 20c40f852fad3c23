with source as (

    {{ rows_of('clinic', 'employee') }}

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
        _source_row as source_row,

        -- what decides between rows
        row_key,
        is_removal
    from source

),

hashed as (

    select
        *,
        {{ row_hash([
            'first_name',
            'last_name',
            'email',
            'phone_number',
            'title',
        ], conditions=['is_physician', 'is_active']) }} as row_hash
    from renamed

)

select * from hashed
