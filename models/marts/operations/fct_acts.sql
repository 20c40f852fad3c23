with acts as (

    select * from {{ ref('stg_landfall__acts') }}

),

described as (

    select
        -- keys
        {{ key_of(['act_id']) }} as act_key,
        source_name,
        table_name,
        load_id,

        -- attributes
        act,
        acted_by,
        reason,
        object_name,

        -- times
        acted_at
    from acts

)

select * from described
