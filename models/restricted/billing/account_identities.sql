{{ config(**engine_config(dist='account_key', sort=['account_key'])) }}

with accounts as (

    select * from {{ ref('input_account_balances') }}

),

days as (

    select
        *,
        lag(balance_date) over (partition by system_name order by balance_date) as day_before
    from {{ ref('int_account_balances_days') }}

),

newest_days as (

    select
        system_name,
        max(balance_date) as newest_day
    from days
    group by system_name

),

-- an account that is gone keeps the identity of its last day
ordered as (

    select
        *,
        row_number() over (partition by account_pseudonym order by seen_from desc) as place
    from accounts

),

identified as (

    select
        -- keys
        {{ key_of(['ordered.account_pseudonym']) }} as account_key,
        ordered.account_id,
        {{ key_or_unknown('ordered.patient_pseudonym') }} as patient_durable_key,
        ordered.patient_id,

        -- attributes
        ordered.seen_to is null as is_current,

        -- times
        case when ordered.seen_to is null then newest_days.newest_day else days.day_before end
            as last_seen_on
    from ordered
    left join newest_days
        on ordered.system_name = newest_days.system_name
    left join days
        on ordered.system_name = days.system_name
        and ordered.seen_to = days.balance_date
    where ordered.place = 1

)

select * from identified
