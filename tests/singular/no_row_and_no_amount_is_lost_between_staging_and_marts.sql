-- Each fact has every row of its staging model once, with its amounts; each dimension every version
-- of its history, and its own members beside them (`unknown`; for plans `patient` too).
with counted as (

    select
        'fct_appointments' as mart,
        (select count(*) from {{ ref('stg_clinic__appointments') }}) as rows_before,
        (select count(*) from {{ ref('fct_appointments') }}) as rows_after,
        cast(0 as decimal(38, 2)) as amount_before,
        cast(0 as decimal(38, 2)) as amount_after
    union all
    select
        'fct_encounters' as mart,
        (select count(*) from {{ ref('stg_clinic__encounters') }}) as rows_before,
        (select count(*) from {{ ref('fct_encounters') }}) as rows_after,
        cast(0 as decimal(38, 2)) as amount_before,
        cast(0 as decimal(38, 2)) as amount_after
    union all
    select
        'fct_reviews' as mart,
        (select count(*) from {{ ref('stg_reviews__reviews') }}) as rows_before,
        (select count(*) from {{ ref('fct_reviews') }}) as rows_after,
        cast(0 as decimal(38, 2)) as amount_before,
        cast(0 as decimal(38, 2)) as amount_after
    union all
    select
        'review_texts' as mart,
        (select count(*) from {{ ref('stg_reviews__reviews') }}) as rows_before,
        (select count(*) from {{ ref('review_texts') }}) as rows_after,
        cast(0 as decimal(38, 2)) as amount_before,
        cast(0 as decimal(38, 2)) as amount_after
    union all
    select
        'fct_ledger_entries' as mart,
        (select count(*) from {{ ref('stg_billing__ledger_entries') }}) as rows_before,
        (select count(*) from {{ ref('fct_ledger_entries') }}) as rows_after,
        (select coalesce(sum(amount), 0) from {{ ref('stg_billing__ledger_entries') }})
            as amount_before,
        (select coalesce(sum(amount), 0) from {{ ref('fct_ledger_entries') }}) as amount_after
    union all
    select
        'fct_account_balances' as mart,
        (select count(*) from {{ ref('stg_clinic__accounts') }}) as rows_before,
        (
            select count(*) from {{ ref('fct_account_balances') }}
            where is_latest
        ) as rows_after,
        (select coalesce(sum(balance_amount), 0) from {{ ref('stg_clinic__accounts') }})
            as amount_before,
        (
            select coalesce(sum(balance_amount), 0) from {{ ref('fct_account_balances') }}
            where is_latest
        ) as amount_after
    union all
    select
        'dim_patients' as mart,
        (select count(*) + 1 from {{ ref('snap_clinic__patients') }}) as rows_before,
        (select count(*) from {{ ref('dim_patients') }}) as rows_after,
        cast(0 as decimal(38, 2)) as amount_before,
        cast(0 as decimal(38, 2)) as amount_after
    union all
    select
        'dim_patient_identities' as mart,
        (select count(*) from {{ ref('snap_clinic__patients') }}) as rows_before,
        (select count(*) from {{ ref('dim_patient_identities') }}) as rows_after,
        cast(0 as decimal(38, 2)) as amount_before,
        cast(0 as decimal(38, 2)) as amount_after
    union all
    select
        'dim_employees' as mart,
        (select count(*) + 1 from {{ ref('snap_clinic__employees') }}) as rows_before,
        (select count(*) from {{ ref('dim_employees') }}) as rows_after,
        cast(0 as decimal(38, 2)) as amount_before,
        cast(0 as decimal(38, 2)) as amount_after
    union all
    select
        'dim_insurance_plans' as mart,
        (select count(*) + 2 from {{ ref('snap_clinic__insurance_plans') }}) as rows_before,
        (select count(*) from {{ ref('dim_insurance_plans') }}) as rows_after,
        cast(0 as decimal(38, 2)) as amount_before,
        cast(0 as decimal(38, 2)) as amount_after

)

select * from counted
where
    rows_before <> rows_after
    or amount_before <> amount_after
