-- A fact that names its patient, physician or plan finds it: at most one in twenty does not, or at
-- most five in all. Where a dimension was never delivered there is nothing to find.
with dimensions as (

    select
        'patient' as dimension,
        count(*) as members
    from {{ ref('dim_patients') }}
    where patient_key <> {{ unknown_member() }}
    union all
    select
        'physician' as dimension,
        count(*) as members
    from {{ ref('dim_employees') }}
    where employee_key <> {{ unknown_member() }}
    union all
    select
        'plan' as dimension,
        count(*) as members
    from {{ ref('dim_insurance_plans') }}
    where insurance_plan_id not in ('patient', {{ unknown_member() }})

),

named as (

    select
        'fct_appointments' as fact,
        'patient' as dimension,
        patient_key as found_key
    from {{ ref('fct_appointments') }}
    where patient_durable_key <> {{ unknown_member() }}
    union all
    select
        'fct_appointments' as fact,
        'physician' as dimension,
        physician_key as found_key
    from {{ ref('fct_appointments') }}
    where physician_durable_key <> {{ unknown_member() }}
    union all
    select
        'fct_encounters' as fact,
        'patient' as dimension,
        patient_key as found_key
    from {{ ref('fct_encounters') }}
    where patient_durable_key <> {{ unknown_member() }}
    union all
    select
        'fct_encounters' as fact,
        'plan' as dimension,
        insurance_plan_key as found_key
    from {{ ref('fct_encounters') }}
    where patient_key <> {{ unknown_member() }}
    union all
    select
        'fct_account_balances' as fact,
        'plan' as dimension,
        insurance_plan_key as found_key
    from {{ ref('fct_account_balances') }}
    union all
    select
        'fct_ledger_entries' as fact,
        'patient' as dimension,
        patient_key as found_key
    from {{ ref('fct_ledger_entries') }}
    where patient_durable_key <> {{ unknown_member() }}
    union all
    select
        'fct_ledger_entries' as fact,
        'plan' as dimension,
        insurance_plan_key as found_key
    from {{ ref('fct_ledger_entries') }}

),

shares as (

    select
        named.fact,
        named.dimension,
        count(*) as facts,
        sum(case when named.found_key = {{ unknown_member() }} then 1 else 0 end) as unknown
    from named
    inner join dimensions
        on named.dimension = dimensions.dimension
    where dimensions.members > 0
    group by named.fact, named.dimension

)

select * from shares
where
    unknown > 5
    and unknown * 20 > facts
