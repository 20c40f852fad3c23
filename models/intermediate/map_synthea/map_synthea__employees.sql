with providers as (

    select
        *,
        {{ part_of('provider_name', ' ', 1) }} as first_name
    from {{ ref('stg_synthea__providers') }}

),

mapped as (

    select
        -- keys
        'synthea' as system_name,
        {{ system_number('synthea', 'provider_id') }} as employee_id,

        -- attributes
        first_name,
        substring(provider_name, length(first_name) + 2) as last_name,
        speciality as title,
        true as is_physician,

        -- times
        true as is_current,
        date '1900-01-01' as valid_from,
        extract_date as seen_from
    from providers

)

select * from mapped
