-- A group that is not shown holds 1 to 10 patients, so a slice adds up between two bounds; and the
-- total is that of the patients in the list.
with listed as (

    select count(*) as patients
    from {{ ref('dim_patients') }}
    where
        is_current
        and valid_to is null
        and patient_durable_key <> {{ unknown_member() }}

),

slices as (

    select
        sliced_by,
        sum(coalesce(patients, 1)) as at_least,
        sum(coalesce(patients, 10)) as at_most
    from {{ ref('panel') }}
    group by sliced_by

),

compared as (

    select slices.sliced_by
    from slices
    cross join listed
    where
        listed.patients < slices.at_least
        or listed.patients > slices.at_most

)

select * from compared
