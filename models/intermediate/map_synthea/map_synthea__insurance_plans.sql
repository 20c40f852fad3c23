with payers as (

    select * from {{ ref('stg_synthea__payers') }}
    where payer_name <> 'NO_INSURANCE'

),

-- claims name a payer, not a plan
mapped as (

    select
        -- keys
        'synthea' as system_name,
        {{ system_number('synthea', 'payer_id') }} as insurance_plan_id,

        -- attributes
        payer_name as plan_name,
        case
            -- a patient with both has Medicare first
            when payer_name in ('Medicare', 'Dual Eligible') then 'medicare'
            when payer_name = 'Medicaid' then 'medicaid'
            when upper(ownership) = 'GOVERNMENT' then 'government'
            else 'commercial'
        end as payer_class,

        -- times
        true as is_current,
        date '1900-01-01' as valid_from,
        extract_date as seen_from
    from payers

)

select * from mapped
