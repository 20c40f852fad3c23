-- Longer than usual: each list has its lines.
with ledger_entries as (

    select * from {{ ref('stg_billing__ledger_entries') }}

),

insurance_plans as (

    select distinct insurance_plan_id from {{ ref('dim_insurance_plans') }}

),

encounters as (

    select * from {{ ref('stg_clinic__encounters') }}

),

encounter_statuses as (

    select distinct encounter_status from {{ ref('encounter_statuses') }}

),

trip_items as (

    select * from {{ ref('stg_taxi__trip_items') }}

),

trips as (

    select * from {{ ref('stg_taxi__trips') }}

),

trip_states as (

    select * from {{ ref('trip_states') }}

),

opportunities as (

    select * from {{ ref('stg_salesforce__opportunities') }}

),

opportunity_changes as (

    select * from {{ ref('stg_salesforce__opportunity_changes') }}

),

opportunity_stages as (

    select * from {{ ref('opportunity_stages') }}

),

-- a payer is a plan or the patient; other lists are seeds, because words are spelt in several ways
misfits as (

    {{ misfits_of_contracts() }}
    union all
    select
        'billing' as source_name,
        'ledger' as table_name,
        'payer' as column_name,
        'unknown_value' as finding,
        count(*) as rows_found
    from ledger_entries
    left join insurance_plans
        on ledger_entries.payer = insurance_plans.insurance_plan_id
    where ledger_entries.payer <> 'patient'
        and insurance_plans.insurance_plan_id is null
    union all
    select
        'clinic' as source_name,
        'encounter' as table_name,
        'status' as column_name,
        'unknown_value' as finding,
        count(*) as rows_found
    from encounters
    left join encounter_statuses
        on encounters.encounter_status = encounter_statuses.encounter_status
    where encounters.source_status is not null
        and encounter_statuses.encounter_status is null
    union all
    select
        'taxi' as source_name,
        'trips_table' as table_name,
        'status' as column_name,
        'unknown_value' as finding,
        count(*) as rows_found
    from trip_items
    left join trip_states
        on {{ remove_all('lower(trip_items.source_status)', '[^a-z]') }} = trip_states.spelling
    where trip_items.source_status is not null
        and trip_states.spelling is null
    union all
    select
        'taxi' as source_name,
        'trips' as table_name,
        'status' as column_name,
        'unknown_value' as finding,
        count(*) as rows_found
    from trips
    left join trip_states
        on {{ remove_all('lower(trips.source_status)', '[^a-z]') }} = trip_states.spelling
    where trips.source_status is not null
        and trip_states.spelling is null
    union all
    select
        'salesforce' as source_name,
        'opportunity' as table_name,
        'stage_name' as column_name,
        'unknown_value' as finding,
        count(*) as rows_found
    from opportunities
    left join opportunity_stages
        on opportunities.stage_name = opportunity_stages.stage_name
    where opportunities.stage_name is not null
        and opportunity_stages.stage_name is null
    union all
    select
        'salesforce' as source_name,
        'opportunity_history' as table_name,
        'stage_name' as column_name,
        'unknown_value' as finding,
        count(*) as rows_found
    from opportunity_changes
    left join opportunity_stages
        on opportunity_changes.stage_name = opportunity_stages.stage_name
    where opportunity_changes.stage_name is not null
        and opportunity_stages.stage_name is null

),

named as (

    select
        source_name,
        table_name,
        column_name,
        finding,
        cast(rows_found as bigint) as rows_found
    from misfits
    where rows_found > 0

)

select * from named
