-- Longer than usual: each kind of finding takes its few lines, and all belong in one place.
with as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

ledger_entries as (

    select * from {{ ref('stg_billing__ledger_entries') }}

),

claims as (

    select * from {{ ref('fct_claims') }}

),

charges as (

    select
        charge_id,
        sum(amount) as charged
    from ledger_entries
    where entry_type = 'charge'
    group by charge_id

),

found as (

    select
        'ledger' as table_name,
        'unknown_charge' as finding,
        count(*) as rows_found
    from ledger_entries
    left join charges
        on ledger_entries.charge_id = charges.charge_id
    where ledger_entries.charge_id is not null
        and charges.charge_id is null
    union all
    select
        'ledger' as table_name,
        'unapplied' as finding,
        count(*) as rows_found
    from ledger_entries
    where charge_id is null
    union all
    select
        'ledger' as table_name,
        'amount_of_zero' as finding,
        count(*) as rows_found
    from ledger_entries
    where amount = 0
    union all
    select
        'ledger' as table_name,
        'dated_in_the_future' as finding,
        count(*) as rows_found
    from ledger_entries
    inner join as_of_dates
        on ledger_entries.posted_on > as_of_dates.as_of_date
        and as_of_dates.area = 'billing'
    union all
    select
        'ledger' as table_name,
        'payment_above_its_charge' as finding,
        count(*) as rows_found
    from ledger_entries
    inner join charges
        on ledger_entries.charge_id = charges.charge_id
        and ledger_entries.amount > charges.charged
    where ledger_entries.entry_type = 'payment'
    union all
    select
        'claim' as table_name,
        'decided_before_submitted' as finding,
        count(*) as rows_found
    from claims
    where is_decided_before_submitted
    union all
    select
        'claim' as table_name,
        'dated_in_the_future' as finding,
        count(*) as rows_found
    from claims
    where is_future_dated
    union all
    select
        'claim' as table_name,
        'unknown_status' as finding,
        count(*) as rows_found
    from claims
    where is_unknown_status

),

named as (

    select
        'billing' as source_name,
        table_name,
        finding,
        rows_found
    from found
    where rows_found > 0

)

select * from named
