with coverages as (

    select * from {{ ref('input_coverages') }}
    where coverage_position = 'primary'

),

-- a plan covers until its end, or until the day on which the next one begins
followed as (

    select
        patient_pseudonym,
        insurance_plan_id,
        coverage_id,
        coalesce(starts_on, date '1900-01-01') as covers_from,
        case
            when ends_on < starts_on then starts_on
            else {{ add_days('ends_on', 1) }}
        end as ends_before,
        lead(coalesce(starts_on, date '1900-01-01')) over (
            partition by patient_pseudonym
            order by coalesce(starts_on, date '1900-01-01'), coverage_id
        ) as next_from
    from coverages

),

ended as (

    select
        *,
        case
            when ends_before < next_from or next_from is null then ends_before
            else next_from
        end as covers_to
    from followed

),

-- between two coverages, and before the first, the patient is the payer
filled as (

    select
        patient_pseudonym,
        insurance_plan_id,
        covers_from as valid_from,
        covers_to as valid_to
    from ended
    union all
    select
        patient_pseudonym,
        'patient' as insurance_plan_id,
        covers_to as valid_from,
        next_from as valid_to
    from ended
    where covers_to < next_from or (covers_to is not null and next_from is null)
    union all
    select
        patient_pseudonym,
        'patient' as insurance_plan_id,
        date '1900-01-01' as valid_from,
        min(covers_from) as valid_to
    from ended
    group by patient_pseudonym

),

keyed as (

    select
        {{ key_of(['patient_pseudonym', 'valid_from']) }} as coverage_key,
        patient_pseudonym,
        insurance_plan_id,
        valid_from,
        valid_to
    from filled
    where valid_from < valid_to or valid_to is null

)

select * from keyed
