-- Entries that count in a way that a person should know of: an unknown type (worth nothing), no
-- amount, an amount below zero, no posting date, or a patient who is not the charge's.
{{ config(severity='warn') }}
with entries as (

    select * from {{ ref('fct_ledger_entries') }}

),

odd as (

    select ledger_entry_key
    from entries
    where
        is_unknown_type
        or is_undated
        or is_of_other_patient
        or coalesce(amount, -1) < 0

)

select * from odd
