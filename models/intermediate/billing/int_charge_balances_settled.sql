-- Longer than usual: the settlement of every month, so that today's ageing and any month's are one.
with entries as (

    select * from {{ ref('fct_ledger_entries') }}
    where
        not is_future_dated
        and not is_unapplied
        and not has_no_charge

),

dates as (

    select * from {{ ref('dim_dates') }}

),

charges as (

    select
        charge_key,
        min(posted_on) as charged_on
    from entries
    where entry_type = 'charge'
    group by charge_key

),

-- an entry that is posted before its charge waits for it
dated as (

    select
        entries.*,
        {{ calendar_month('greatest(entries.posted_on, charges.charged_on)') }} as month_start
    from entries
    inner join charges
        on entries.charge_key = charges.charge_key

),

-- the unit of ageing is (charge, payer): what each month changed of its balance
moved as (

    select
        charge_key,
        payer_id,
        month_start,
        sum(signed_amount) as moved_amount
    from dated
    group by charge_key, payer_id, month_start

),

payers as (

    select
        charge_key,
        payer_id,
        min(insurance_plan_durable_key) as insurance_plan_durable_key,
        min(patient_durable_key) as patient_durable_key,
        min(first_payer_durable_key) as first_payer_durable_key,
        min(physician_durable_key) as physician_durable_key,
        min(payer_position) as payer_position,
        min(charge_service_date) as service_date,
        min(as_of_date) as as_of_date
    from entries
    group by charge_key, payer_id

),

-- a charge stays as its last change left it until the next
changed as (

    select
        charge_key,
        month_start,
        lead(month_start) over (partition by charge_key order by month_start) as next_change
    from moved
    group by charge_key, month_start

),

split as (

    select
        changed.charge_key,
        changed.month_start,
        changed.next_change,
        moved.payer_id,
        case when sum(moved.moved_amount) > 0 then sum(moved.moved_amount) else 0 end as owed,
        case when sum(moved.moved_amount) < 0 then -sum(moved.moved_amount) else 0 end as credited
    from changed
    inner join moved
        on changed.charge_key = moved.charge_key
        and changed.month_start >= moved.month_start
    group by changed.charge_key, changed.month_start, changed.next_change, moved.payer_id

),

placed as (

    select
        split.*,
        payers.insurance_plan_durable_key,
        payers.patient_durable_key,
        payers.first_payer_durable_key,
        payers.physician_durable_key,
        payers.payer_position,
        payers.service_date,
        payers.as_of_date,
        case
            when payers.payer_position = 'primary' then 1
            when payers.payer_position = 'unknown' then 2
            when payers.payer_position = 'secondary' then 3
            when payers.insurance_plan_durable_key = payers.first_payer_durable_key then 1
            else 4
        end as place,
        case when split.owed > 0 then 1 else 0 end as is_debt
    from split
    inner join payers
        on split.charge_key = payers.charge_key
        and split.payer_id = payers.payer_id

),

-- a credit pays debts of earlier places alone: within a place the credits are counted first
queued as (

    select
        *,
        sum(owed) over (
            partition by charge_key, month_start order by place, is_debt, payer_id
            rows between unbounded preceding and current row
        ) as owed_until,
        sum(credited) over (
            partition by charge_key, month_start order by place, is_debt, payer_id
            rows between unbounded preceding and current row
        ) as credited_until
    from placed

),

-- what finds no debt up to a payer is the most by which credits exceed the debts before them
matched as (

    select
        *,
        greatest(0, max(credited_until - owed_until) over (
            partition by charge_key, month_start order by place, is_debt, payer_id
            rows between unbounded preceding and current row
        )) as unmatched_until
    from queued

),

paying as (

    select
        *,
        sum(credited) over (partition by charge_key, month_start)
        - max(unmatched_until) over (partition by charge_key, month_start) as paid
    from matched

),

-- what the credits pay goes to the debts from the head of the queue
settled as (

    select
        *,
        case
            when paid >= owed_until then 0
            when paid > owed_until - owed then owed_until - paid
            else owed
        end as still_owed,
        unmatched_until - coalesce(lag(unmatched_until) over (
            partition by charge_key, month_start order by place, is_debt, payer_id
        ), 0) as still_credited
    from paying

),

-- one row for each month's end in its interval; the running month ends with the as-of date
repeated as (

    select
        settled.charge_key,
        settled.payer_id,
        settled.insurance_plan_durable_key,
        settled.patient_durable_key,
        settled.first_payer_durable_key,
        settled.physician_durable_key,
        settled.payer_position,
        settled.still_owed,
        settled.still_credited,
        settled.service_date,
        dates.date_day as month_start,
        least(dates.month_end, settled.as_of_date) as measured_on,
        settled.as_of_date
    from settled
    inner join dates
        on settled.month_start <= dates.date_day
        and coalesce(settled.next_change, date '9999-12-31') > dates.date_day
        and settled.as_of_date >= dates.date_day
    where
        dates.day_of_month = 1
        and (settled.still_owed > 0 or settled.still_credited > 0)

),

aged as (

    select
        -- keys
        {{ key_of(['charge_key', 'payer_id', 'month_start']) }} as charge_balance_key,
        charge_key,
        patient_durable_key,
        insurance_plan_durable_key,
        first_payer_durable_key,
        physician_durable_key,

        -- attributes
        payer_id,
        payer_position,
        cast({{ days_between('service_date', 'measured_on') }} as bigint) as days_old,

        -- amounts
        cast(still_owed as decimal(18, 2)) as open_amount,
        cast(-still_credited as decimal(18, 2)) as credit_amount,

        -- times
        service_date,
        month_start,
        measured_on,
        as_of_date
    from repeated

),

bucketed as (

    select
        *,
        case
            when days_old <= 30 then '0-30'
            when days_old <= 60 then '31-60'
            when days_old <= 90 then '61-90'
            when days_old <= 120 then '91-120'
            else '>120'
        end as age_bucket
    from aged

)

select * from bucketed
