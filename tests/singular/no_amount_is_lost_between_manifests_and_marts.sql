-- What the manifest of a system's newest ledger says that landed, and what is kept from earlier
-- ones for rows in quarantine, is what the mart has of it, to the cent, where the ledger comes
-- whole and each of its rows is an entry; and no claim or charge of any system is lost on the way.
with ledgers as (

    select
        told.system_name,
        loads.load_id,
        loads.kind,
        load_amounts.landed_sum,
        row_number() over (
            partition by told.system_name order by loads.load_number desc
        ) as place
    from {{ ref('input_tables') }} as told
    inner join {{ ref('stg_landfall__loads') }} as loads
        on told.source_name = loads.source_name
        and told.table_name = loads.table_name
    inner join {{ source('landfall', 'load_amounts') }} as load_amounts
        on loads.load_id = load_amounts.load_id
        and load_amounts.column_name = 'amount'
    where
        told.entity = 'ledger_entries'
        and told.is_row_for_row
        and loads.is_counted

),

newest as (

    select * from ledgers
    where place = 1 and kind = 'full'

),

sides as (

    select
        'fct_ledger_entries' as mart,
        system_name,
        landed_sum as amount_before,
        0 as amount_after
    from newest
    union all
    select
        'fct_ledger_entries' as mart,
        kept.system_name,
        kept.amount as amount_before,
        0 as amount_after
    from {{ ref('input_ledger_entries') }} as kept
    inner join newest
        on kept.system_name = newest.system_name
        and kept.load_id <> newest.load_id
    union all
    select
        'fct_ledger_entries' as mart,
        entries.system_name,
        0 as amount_before,
        entries.amount as amount_after
    from {{ ref('fct_ledger_entries') }} as entries
    inner join newest
        on entries.system_name = newest.system_name
    union all
    select
        'fct_claims' as mart,
        system_name,
        1 as amount_before,
        0 as amount_after
    from {{ ref('input_claims') }}
    union all
    select
        'fct_claims' as mart,
        system_name,
        0 as amount_before,
        1 as amount_after
    from {{ ref('fct_claims') }}
    union all
    select
        'fct_charges' as mart,
        system_name,
        amount as amount_before,
        0 as amount_after
    from {{ ref('fct_ledger_entries') }}
    where entry_type = 'charge' and charge_key is not null and not is_future_dated
    union all
    select
        'fct_charges' as mart,
        system_name,
        0 as amount_before,
        charge_amount as amount_after
    from {{ ref('fct_charges') }}

),

summed as (

    select
        mart,
        system_name,
        coalesce(sum(amount_before), 0) as amount_before,
        coalesce(sum(amount_after), 0) as amount_after
    from sides
    group by mart, system_name

)

select * from summed
where amount_before <> amount_after
