with source as (

    {{ rows_of('taxi', 'riders') }}

),

renamed as (

    select
        -- keys
        rider_id,
        rider_id_pseudonym as rider_pseudonym,
        rider_email_pseudonym,
        payment_id as payment_type_id,

        -- attributes
        rider_name,
        rider_email,
        rider_mobile,
        address,
        rating,

        -- times
        {{ as_timestamp('created_on') }} as registered_at,

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
            'payment_type_id',
            'rider_name',
            'rider_email',
            'rider_mobile',
            'address',
            'rating',
        ]) }} as row_hash
    from renamed

)

select * from hashed
