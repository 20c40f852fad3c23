with runs as (

    select * from {{ ref('stg_landfall__runs') }}

),

numbered as (

    select
        -- keys
        run_node_key,
        run_id,
        node,
        area,

        -- attributes
        target,
        verdict,
        resource_type,
        status,
        finished_at = max(finished_at) over () as is_of_newest_run,

        -- amounts
        seconds,
        failures,
        bytes_scanned,

        -- times
        as_of as as_of_cap,
        started_at,
        finished_at
    from runs

)

select * from numbered
