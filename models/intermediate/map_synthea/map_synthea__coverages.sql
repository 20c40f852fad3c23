-- ends_on is the day before the source's end: on that day itself the next coverage begins
with coverages as (

    select
        *,
        {{ business_day('starts_at') }} as starts_on,
        {{ add_days(business_day('ends_at'), -1) }} as ends_on
    from {{ ref('stg_synthea__coverages') }}

),

payers as (

    select * from {{ ref('stg_synthea__payers') }}
    where payer_name <> 'NO_INSURANCE'

),

insured as (

    select
        coverages.*,
        coverages.payer_id as insurer_id,
        'primary' as coverage_position
    from coverages
    union all
    select
        coverages.*,
        coverages.secondary_payer_id as insurer_id,
        'secondary' as coverage_position
    from coverages

),

mapped as (

    select
        -- keys
        'synthea' as system_name,
        {{ system_number('synthea', key_of(['insured.load_id', 'insured.source_row'])) }}
        || ':' || insured.coverage_position as coverage_id,
        {{ system_number('synthea', 'insured.patient_id') }} as patient_id,
        insured.patient_pseudonym,
        {{ system_number('synthea', 'insured.insurer_id') }} as insurance_plan_id,

        -- attributes
        insured.coverage_position,

        -- times
        insured.starts_on,
        insured.ends_on,

        -- lineage
        insured.extract_date,
        insured.load_id
    from insured
    inner join payers
        on insured.insurer_id = payers.payer_id

)

select * from mapped
