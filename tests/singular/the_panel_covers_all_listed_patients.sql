-- Who is in the list and active is in one row of the panel, and of the running month; who came was
-- new once.
with listed as (

    select
        'listed' as what,
        count(*) as expected
    from {{ ref('dim_patients') }}
    where
        is_current
        and is_active
        and seen_to is null
        and patient_durable_key <> {{ unknown_member() }}

),

seen as (

    select
        'seen' as what,
        count(distinct patient_durable_key) as expected
    from {{ ref('fct_encounters') }}
    where
        outcome = 'completed'
        and visit_date <= as_of_date
        and patient_durable_key <> {{ unknown_member() }}

),

shown as (

    select
        'listed' as what,
        'panel' as mart,
        coalesce(sum(patients), 0) as patients
    from {{ ref('panel') }}
    union all
    select
        'listed' as what,
        'panel_by_month' as mart,
        coalesce(sum(patients), 0) as patients
    from {{ ref('panel_by_month') }}
    where measured_on = as_of_date
    union all
    select
        'seen' as what,
        'panel_by_month' as mart,
        coalesce(sum(new_patients), 0) as patients
    from {{ ref('panel_by_month') }}

),

expected as (

    select * from listed
    union all
    select * from seen

),

compared as (

    select
        shown.what,
        shown.mart
    from shown
    inner join expected
        on shown.what = expected.what
    where shown.patients <> expected.expected

)

select * from compared
