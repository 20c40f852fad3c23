with source as (

    select * from {{ source('landfall', 'acts') }}

),

renamed as (

    select
        -- keys
        act_id,
        source_name,
        table_name,
        load_id,
        object_name,

        -- attributes
        act,
        acted_by,
        reason,

        -- times
        {{ as_timestamp('acted_at') }} as acted_at
    from source

)

select * from renamed
