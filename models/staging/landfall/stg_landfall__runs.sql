with source as (

    select * from {{ source('landfall', 'runs') }}

),

renamed as (

    select
        -- keys
        {{ key_of(['run_id', 'node', 'area']) }} as run_node_key,
        run_id,
        node,
        area,

        -- attributes
        target,
        verdict,
        resource_type,
        status,

        -- amounts
        cast(seconds as decimal(18, 3)) as seconds,
        failures,
        bytes_scanned,

        -- times
        as_of,
        {{ as_timestamp('started_at') }} as started_at,
        {{ as_timestamp('finished_at') }} as finished_at
    from source

)

select * from renamed
