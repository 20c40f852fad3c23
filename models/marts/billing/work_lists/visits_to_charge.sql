with encounters as (

    select * from {{ ref('fct_encounters') }}

),

insurance_plans as (

    select * from {{ ref('dim_insurance_plans') }}

),

charges as (

    select * from {{ ref('fct_charges') }}

),

-- a charge that was voided adds up to zero
charged as (

    select
        encounter_key,
        min(service_date) as service_date
    from charges
    where
        encounter_key is not null
        and charge_amount <> 0
    group by encounter_key

),

-- visits before the ledger's first day of service were billed in other books
books as (

    select min(service_date) as first_service_date from charges

),

listed as (

    select
        -- keys
        encounters.encounter_key,
        encounters.patient_durable_key,
        encounters.physician_durable_key,
        insurance_plans.insurance_plan_durable_key,

        -- attributes
        encounters.is_superseded,

        -- times
        encounters.visit_date,
        cast({{ days_between('encounters.visit_date', 'encounters.as_of_date') }} as bigint)
            as days_since_visit,
        encounters.as_of_date
    from encounters
    inner join insurance_plans
        on encounters.insurance_plan_key = insurance_plans.insurance_plan_key
    inner join books
        on encounters.visit_date >= books.first_service_date
    left join charged
        on encounters.encounter_key = charged.encounter_key
    where
        encounters.outcome = 'completed'
        and encounters.visit_date <= encounters.as_of_date
        and charged.encounter_key is null

)

select * from listed
