with source as (

    {{ rows_of('openemr', 'users') }}

),

renamed as (

    select
        -- keys
        id as user_id,
        facility_id,

        -- attributes
        username,
        fname as first_name,
        lname as last_name,
        email,
        phone as phone_number,
        title,
        is_authorized = 1 as is_authorized,
        is_active = 1 as is_active,

        -- lineage
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row,

        -- what decides between rows
        row_key
    from source

),

hashed as (

    select
        *,
        {{ row_hash([
            'username',
            'first_name',
            'last_name',
            'email',
            'phone_number',
            'title',
        ], conditions=['is_authorized', 'is_active']) }} as row_hash
    from renamed

)

select * from hashed
