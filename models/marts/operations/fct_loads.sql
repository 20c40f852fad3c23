{{ config(**engine_config(sort=['extract_date'])) }}

with loads as (

    select * from {{ ref('stg_landfall__loads') }}

),

described as (

    select
        -- keys
        {{ key_of(['source_name', 'table_name', 'load_id']) }} as load_key,
        source_name,
        table_name,
        load_id,
        base_load_id,
        generation,
        load_number,

        -- attributes
        kind,
        is_counted,
        is_retracted,
        act,
        is_counted
        and load_number = max(load_number) over (partition by source_name, table_name) as is_newest,
        is_counted and load_number >= {{ number_of_full_load() }} as is_read,
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
        seconds,

        -- times
        extract_date,
        extracted_at,
        landed_at
    from loads

)

select * from described
