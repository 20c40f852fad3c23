{{ config(**engine_config(dist='all', sort=['design_key'])) }}

with designs as (

    select * from {{ ref('stg_totesys__designs') }}

),

keyed as (

    select
        -- keys
        {{ key_of(['design_id']) }} as design_key,
        design_id,

        -- attributes
        design_name,
        file_location,
        file_name
    from designs

),

with_unknown as (

    select * from keyed
    union all
    select
        {{ unknown_member() }} as design_key,
        cast(null as bigint) as design_id,
        'Unknown' as design_name,
        cast(null as varchar(100)) as file_location,
        cast(null as varchar(100)) as file_name

)

select * from with_unknown
