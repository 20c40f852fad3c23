with source as (

    {{ state_of('toy', 'changed') }}

),

renamed as (

    select
        id as thing_id,
        word,
        number,
        extract_date,
        load_id,
        {{ as_timestamp('_extracted_at') }} as extracted_at,
        _source_row as source_row
    from source

)

select * from renamed
