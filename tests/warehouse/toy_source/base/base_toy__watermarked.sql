with source as (

    {{ rows_of('toy', 'watermarked') }}

),

renamed as (

    select
        id as thing_id,
        word,
        number,
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row,
        row_key,
        row_order
    from source

),

hashed as (

    select
        *,
        {{ row_hash(['word', 'number']) }} as row_hash
    from renamed

)

select * from hashed
