-- A finding about the source's records, and no reason to hold the figures back.
{{ config(severity='warn') }}
with encounters as (

    select * from {{ ref('fct_encounters') }}

),

patients as (

    select * from {{ ref('dim_patient_identities') }}

),

impossible as (

    select encounters.encounter_key
    from encounters
    inner join patients
        on encounters.patient_key = patients.patient_key
    where encounters.visit_date < patients.date_of_birth

)

select * from impossible
