with accounts as (

    select * from {{ ref('snap_clinic__accounts') }}

),

loads as (

    select * from {{ ref('stg_landfall__loads') }}

),

-- the days on which the practice said what its accounts owed
delivered as (

    select distinct
        extract_date as balance_date,
        max(extract_date) over () as newest_balance_date
    from loads
    where
        source_name = 'clinic'
        and table_name = 'account'
        and is_counted
        and extract_date <= {{ as_of() }}

),

dated as (

    select
        -- keys
        {{ key_of(['accounts.account_pseudonym', 'delivered.balance_date']) }}
            as account_balance_key,
        {{ key_of(['accounts.account_pseudonym']) }} as account_key,
        accounts.account_id,
        accounts.patient_id,
        accounts.patient_pseudonym,
        coalesce(accounts.insurance_plan_id, 'patient') as insurance_plan_id,

        -- attributes
        delivered.balance_date = delivered.newest_balance_date as is_latest,

        -- amounts
        accounts.balance_amount,
        accounts.last_payment_amount,

        -- times
        delivered.balance_date,
        accounts.payment_due_date
    from accounts
    inner join delivered
        on cast(accounts.dbt_valid_from as date) <= delivered.balance_date
        and (
            accounts.dbt_valid_to is null
            or cast(accounts.dbt_valid_to as date) > delivered.balance_date
        )

)

select * from dated
