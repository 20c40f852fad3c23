with source as (

    select * from {{ source('landfall', 'loads') }}

),

renamed as (

    select
        -- keys
        source_name,
        table_name,
        load_id,
        base_load_id,
        generation,
        load_number,
        state_from,
        closed_by,

        -- attributes
        kind,
        is_counted,
        is_retracted,
        act,
        reason,
        warnings,
        object_name,
        sha256,
        contract_hash,

        -- amounts
        rows_in,
        landed,
        quarantined,
        duplicates,
        forgotten,
        unnamed,
        unreadable_keys,
        rows_kept,
        deletions_withheld,
        bytes,
        cast(seconds as decimal(18, 3)) as seconds,

        -- times
        extract_date,
        {{ as_timestamp('extracted_at') }} as extracted_at,
        {{ as_timestamp('landed_at') }} as landed_at
    from source

)

select * from renamed
