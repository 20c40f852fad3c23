{{ config(**engine_config(dist='all', sort=['location_key'])) }}

with addresses as (

    select * from {{ ref('stg_totesys__addresses') }}

),

identified as (

    select
        -- keys
        {{ key_of(['address_id']) }} as location_key,

        -- attributes
        address_line_1,
        address_line_2,
        postal_code,
        phone
    from addresses

)

select * from identified
