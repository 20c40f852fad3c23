-- A transfer moves a debt from one payer to another and changes no balance; the two may have a
-- claim each, the charge is the same. As long as rows of the newest ledger are in quarantine the
-- other half of a pair may be there: then nothing is claimed.
with entries as (

    select * from {{ ref('fct_ledger_entries') }}

),

loads as (

    select
        quarantined,
        row_number() over (order by load_number desc) as place
    from {{ ref('stg_landfall__loads') }}
    where
        source_name = 'billing'
        and table_name = 'ledger'
        and is_counted

),

withheld as (

    select coalesce(sum(quarantined), 0) as quarantined
    from loads
    where place = 1

),

netted as (

    select
        entries.charge_key,
        sum(entries.signed_amount) as net_amount
    from entries
    cross join withheld
    where
        entries.entry_type in ('transfer_in', 'transfer_out')
        and not entries.is_future_dated
        and withheld.quarantined = 0
    group by entries.charge_key

)

select * from netted
where net_amount <> 0
