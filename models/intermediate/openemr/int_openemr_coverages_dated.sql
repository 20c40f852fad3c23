with coverages as (

    select * from {{ ref('stg_openemr__coverages') }}

),

-- the row of a level that began last counts; without a company the level is not insured
followed as (

    select
        *,
        coalesce(starts_on, date '1900-01-01') as covers_from,
        lead(coalesce(starts_on, date '1900-01-01')) over (
            partition by patient_pseudonym, coverage_position
            order by coalesce(starts_on, date '1900-01-01'), coverage_id
        ) as next_from
    from coverages

),

dated as (

    select
        -- keys
        coverage_id,
        patient_id,
        patient_pseudonym,
        insurance_company_id,

        -- attributes
        coverage_position,
        case coverage_position
            when 'primary' then 1 when 'secondary' then 2 when 'tertiary' then 3
        end as payer_level,

        -- times
        starts_on,
        covers_from,
        case
            when ends_on < {{ add_days('next_from', -1) }} or next_from is null then ends_on
            else {{ add_days('next_from', -1) }}
        end as covers_to,

        -- lineage
        extract_date,
        load_id
    from followed

),

lasting as (

    select * from dated
    where covers_to is null or covers_from <= covers_to

)

select * from lasting
