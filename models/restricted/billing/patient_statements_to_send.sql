-- Longer than usual: the opening line and the lines of the month are one letter.
{{ config(**engine_config(dist='patient_durable_key', sort=['patient_durable_key'])) }}

with statements as (

    select * from {{ ref('patient_statements') }}

),

entries as (

    select * from {{ ref('fct_ledger_entries') }}

),

contacts as (

    select * from {{ ref('patient_contacts') }}

),

-- the month of the as-of date, for every patient with a debt of their own
due as (

    select * from statements
    where
        statement_month = {{ month_start('as_of_date') }}
        and patient_share_amount > 0

),

posted as (

    select
        entries.patient_durable_key,
        entries.ledger_entry_key,
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
            order by
                case when lines.ledger_entry_key = 'opening' then 0 else 1 end,
                lines.posted_on,
                lines.ledger_entry_key
        ) as line_number,
        lines.line_text,
        lines.procedure_code,

        -- amounts
        cast(lines.amount as decimal(18, 2)) as line_amount,
        cast(lines.own_amount as decimal(18, 2)) as own_line_amount,
        due.closing_balance_amount,
        due.patient_share_amount as amount_due,

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
