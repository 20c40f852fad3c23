{{ config(**engine_config(dist='account_key', sort=['account_key'])) }}

with balances as (

    select * from {{ ref('int_account_balances_dated') }}

),

-- an account that is gone keeps the identity it had on its last day
ordered as (

    select
        *,
        row_number() over (partition by account_key order by balance_date desc) as place
    from balances

),

identified as (

    select
        -- keys
        account_key,
        account_id,
        {{ key_or_unknown('patient_pseudonym') }} as patient_durable_key,
        patient_id,

        -- attributes
        is_latest as is_current,

        -- times
        balance_date as last_seen_on
    from ordered
    where place = 1

)

select * from identified
