with source as (

    select * from {{ source('landfall', 'refusals') }}

),

renamed as (

    select
        -- keys
        object_name,
        source_name,
        table_name,

        -- attributes
        code,
        code in ('discarded', 'retracted', 'never_came') as is_missing,
        line,
        column_name,

        -- times
        extract_date,
        {{ as_timestamp('refused_at') }} as refused_at
    from source

),

known as (

    select * from renamed
    where
        extract_date <= {{ as_of() }}
        or extract_date is null

)

select * from known
