-- Longer than usual: the lines before, of and beside the month are one letter.
{{ config(**engine_config(dist='patient_durable_key', sort=['patient_durable_key'])) }}

with statements as (

    select * from {{ ref('patient_statements') }}

),

entries as (

    select * from {{ ref('fct_ledger_entries') }}

),

ageing as (

    select * from {{ ref('ar_ageing') }}

),

contacts as (

    select * from {{ ref('patient_contacts') }}

),

-- what is open less the patient's money that is with us: what the ageing says of each patient
owing as (

    select
        patient_durable_key,
        cast(sum(open_amount) as decimal(18, 2)) as open_amount,
        cast(sum(credit_amount + unapplied_amount) as decimal(18, 2)) as held_amount,
        cast(sum(balance_amount) as decimal(18, 2)) as amount_due
    from ageing
    where payer_id = 'patient'
    group by patient_durable_key
    having sum(balance_amount) > 0

),

-- the month of the as-of date
due as (

    select
        statements.*,
        owing.open_amount,
        owing.held_amount,
        owing.amount_due
    from statements
    inner join owing
        on statements.patient_durable_key = owing.patient_durable_key
    where statements.statement_month = {{ month_start('statements.as_of_date') }}

),

posted as (

    select
        entries.patient_durable_key,
        entries.ledger_entry_key,
        1 as place,
        entries.posted_on,
        entries.service_date,
        case
            when entries.entry_type = 'charge' then 'Charge'
            when entries.entry_type = 'payment' and entries.payer_id = 'patient'
                then 'Your payment'
            when entries.entry_type = 'payment' then 'Payment by insurance'
            when entries.entry_type = 'adjustment' then 'Adjustment'
            when entries.entry_type = 'refund' then 'Refund'
            when entries.entry_type = 'transfer_in' and entries.payer_id = 'patient'
                then 'Now owed by you'
            when entries.entry_type in ('transfer_in', 'transfer_out') then 'Moved between payers'
            else 'Other'
        end as line_text,
        entries.procedure_code,
        entries.signed_amount as amount,
        case when entries.payer_id = 'patient' then entries.signed_amount else 0 end as own_amount
    from entries
    inner join due
        on entries.patient_durable_key = due.patient_durable_key
        and entries.posted_on >= due.statement_month
    where not entries.is_future_dated

),

summed as (

    select
        patient_durable_key,
        sum(own_amount) as own_amount
    from posted
    group by patient_durable_key

),

lines as (

    select
        due.patient_durable_key,
        'opening' as ledger_entry_key,
        0 as place,
        due.statement_month as posted_on,
        cast(null as date) as service_date,
        'Balance brought forward' as line_text,
        cast(null as varchar) as procedure_code,
        due.opening_balance_amount as amount,
        due.patient_share_amount - coalesce(summed.own_amount, 0) as own_amount
    from due
    left join summed
        on due.patient_durable_key = summed.patient_durable_key
    union all
    select * from posted
    union all
    -- a copay that what a plan still owes of the charge has taken up pays no other debt
    select
        patient_durable_key,
        'settled' as ledger_entry_key,
        2 as place,
        as_of_date as posted_on,
        cast(null as date) as service_date,
        case
            when amount_due > patient_share_amount then 'Paid ahead on what insurance decides'
            else 'Paid for you by insurance'
        end as line_text,
        cast(null as varchar) as procedure_code,
        0 as amount,
        amount_due - patient_share_amount as own_amount
    from due
    where amount_due <> patient_share_amount

),

addressed as (

    select
        -- keys
        {{ key_of(['lines.patient_durable_key', 'lines.ledger_entry_key']) }} as statement_line_key,
        lines.patient_durable_key,
        contacts.patient_id,

        -- attributes
        contacts.first_name,
        contacts.last_name,
        contacts.address,
        contacts.zip_code,
        row_number() over (
            partition by lines.patient_durable_key
            order by lines.place, lines.posted_on, lines.ledger_entry_key
        ) as line_number,
        lines.line_text,
        lines.procedure_code,

        -- amounts
        cast(lines.amount as decimal(18, 2)) as line_amount,
        cast(lines.own_amount as decimal(18, 2)) as own_line_amount,
        due.closing_balance_amount,
        due.open_amount,
        due.held_amount,
        due.amount_due,

        -- times
        lines.posted_on,
        lines.service_date,
        due.statement_month,
        due.as_of_date
    from lines
    inner join due
        on lines.patient_durable_key = due.patient_durable_key
    left join contacts
        on lines.patient_durable_key = contacts.patient_durable_key

)

select * from addressed
