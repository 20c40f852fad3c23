-- Longer than most: each attribute by which is counted has its few lines.
with encounters as (

    select * from {{ ref('fct_encounters') }}
    where outcome = 'completed'
        and visit_date is not null
        and patient_durable_key <> {{ unknown_member() }}

),

patients as (

    select * from {{ ref('dim_patients') }}

),

insurance_plans as (

    select * from {{ ref('dim_insurance_plans') }}

),

described as (

    select
        encounters.patient_durable_key,
        cast(extract(year from encounters.visit_date) as bigint) as visit_year,
        -- the year of birth is null from age 90 on, as it is where it is not known
        case
            when patients.birth_year is null then '65 and over, or not known'
            when extract(year from encounters.visit_date) - patients.birth_year < 18
                then 'under 18'
            when extract(year from encounters.visit_date) - patients.birth_year < 40
                then '18 to 39'
            when extract(year from encounters.visit_date) - patients.birth_year < 65
                then '40 to 64'
            else '65 and over, or not known'
        end as age_band,
        patients.zip_area,
        insurance_plans.plan_name
    from encounters
    inner join patients
        on encounters.patient_key = patients.patient_key
    left join insurance_plans
        on encounters.insurance_plan_key = insurance_plans.insurance_plan_key

),

spread as (

    select
        patient_durable_key,
        visit_year,
        'all' as attribute,
        'all' as category
    from described
    union all
    select
        patient_durable_key,
        visit_year,
        'age' as attribute,
        age_band as category
    from described
    union all
    select
        patient_durable_key,
        visit_year,
        'zip_area' as attribute,
        zip_area as category
    from described
    union all
    select
        patient_durable_key,
        visit_year,
        'plan' as attribute,
        coalesce(plan_name, 'not known') as category
    from described

),

counted as (

    select
        visit_year,
        attribute,
        category,
        cast(count(distinct patient_durable_key) as bigint) as patients,
        cast(count(*) as bigint) as visits
    from spread
    group by visit_year, attribute, category

),

-- among those with which it adds up: the smallest cell, and how many patients lie below each one
placed as (

    select
        *,
        min(patients) over (partition by visit_year, attribute) as fewest,
        coalesce(
            sum(patients) over (
                partition by visit_year, attribute
                order by patients, visits, category
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as patients_below
    from counted

),

-- a small cell is hidden, and the next ones with it, until more than ten patients are hidden
hidden as (

    select
        *,
        fewest <= 10 and (patients <= 10 or patients_below <= 10) as is_hidden
    from placed

),

released as (

    select
        -- keys
        {{ key_of(['visit_year', 'attribute', 'category']) }} as cell_key,
        visit_year,
        attribute,
        category,

        -- attributes
        is_hidden,

        -- amounts
        case when not is_hidden then patients end as patients,
        case when not is_hidden then visits end as visits
    from hidden

)

select * from released
