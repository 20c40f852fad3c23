-- Longer than usual: each kind of finding takes its few lines, and all belong in one place.
with as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

ledger_entries as (

    select * from {{ ref('input_ledger_entries') }}

),

claims as (

    select * from {{ ref('fct_claims') }}

),

entries as (

    select * from {{ ref('fct_ledger_entries') }}

),

payments as (

    select * from {{ ref('int_payments_kept') }}

),

charges as (

    select * from {{ ref('fct_charges') }}

),

to_apply as (

    select * from {{ ref('entries_to_apply') }}

),

months as (

    select * from {{ ref('int_months_windowed') }}

),

input_tables as (

    select * from {{ ref('input_tables') }}

),

charged as (

    select distinct charge_id
    from ledger_entries
    where entry_type = 'charge'

),

-- of equal payments all but one are a question
repeated as (

    select
        system_name,
        count(*) - 1 as times_again
    from payments
    group by system_name, charge_key, patient_durable_key, payer_id, amount, posted_on

),

found as (

    select
        ledger_entries.system_name,
        'ledger_entries' as entity,
        'unknown_charge' as finding,
        count(*) as rows_found
    from ledger_entries
    left join charged
        on ledger_entries.charge_id = charged.charge_id
    where ledger_entries.charge_id is not null
        and charged.charge_id is null
    group by ledger_entries.system_name
    union all
    select
        to_apply.system_name,
        'ledger_entries' as entity,
        'unapplied' as finding,
        count(*) as rows_found
    from to_apply
    where is_unapplied
    group by to_apply.system_name
    union all
    select
        ledger_entries.system_name,
        'ledger_entries' as entity,
        'amount_of_zero' as finding,
        count(*) as rows_found
    from ledger_entries
    where amount = 0
    group by ledger_entries.system_name
    union all
    select
        ledger_entries.system_name,
        'ledger_entries' as entity,
        'dated_in_the_future' as finding,
        count(*) as rows_found
    from ledger_entries
    inner join as_of_dates
        on ledger_entries.posted_on > as_of_dates.as_of_date
        and as_of_dates.area = 'billing'
    group by ledger_entries.system_name
    union all
    select
        payments.system_name,
        'ledger_entries' as entity,
        'payment_above_its_charge' as finding,
        count(*) as rows_found
    from payments
    inner join charges
        on payments.charge_key = charges.charge_key
        and payments.kept_amount > charges.charge_amount
    group by payments.system_name
    union all
    select
        repeated.system_name,
        'ledger_entries' as entity,
        'same_payment_again' as finding,
        cast(sum(times_again) as bigint) as rows_found
    from repeated
    group by repeated.system_name
    union all
    select
        entries.system_name,
        'ledger_entries' as entity,
        'unknown_destination' as finding,
        count(*) as rows_found
    from entries
    where
        entry_type = 'transfer_in'
        and payer_id = {{ unknown_member() }}
    group by entries.system_name
    union all
    select
        entries.system_name,
        'ledger_entries' as entity,
        'before_the_books' as finding,
        count(*) as rows_found
    from entries
    inner join months
        on entries.posted_on < months.books_begun_on
        and entries.as_of_date = months.measured_on
    where entries.entry_type = 'charge'
    group by entries.system_name
    union all
    select
        claims.system_name,
        'claims' as entity,
        'decided_before_submitted' as finding,
        count(*) as rows_found
    from claims
    where is_decided_before_submitted
    group by claims.system_name
    union all
    select
        claims.system_name,
        'claims' as entity,
        'dated_in_the_future' as finding,
        count(*) as rows_found
    from claims
    where is_future_dated
    group by claims.system_name
    union all
    select
        claims.system_name,
        'claims' as entity,
        'unknown_status' as finding,
        count(*) as rows_found
    from claims
    where is_unknown_status
    group by claims.system_name

),

named as (

    select
        input_tables.source_name,
        input_tables.table_name,
        found.finding,
        found.rows_found
    from found
    inner join input_tables
        on found.system_name = input_tables.system_name
        and found.entity = input_tables.entity
    where found.rows_found > 0

)

select * from named
