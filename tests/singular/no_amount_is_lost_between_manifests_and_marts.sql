-- What the manifest of the newest ledger says that landed, and what is kept from earlier ones for
-- rows in quarantine, is what the mart holds of it, to the cent; and no claim is lost on the way.
with loads as (

    select
        load_id,
        landed,
        row_number() over (order by load_number desc) as place
    from {{ ref('stg_landfall__loads') }}
    where
        source_name = 'billing'
        and table_name = 'ledger'
        and is_counted

),

landed as (

    select
        max(loads.load_id) as load_id,
        coalesce(max(load_amounts.landed_sum), 0) as amount
    from loads
    inner join {{ source('landfall', 'load_amounts') }} as load_amounts
        on loads.load_id = load_amounts.load_id
        and load_amounts.column_name = 'amount'
    where loads.place = 1

),

kept as (

    select coalesce(sum(entries.amount), 0) as amount
    from {{ ref('input_ledger_entries') }} as entries
    cross join landed
    where
        entries.system_name = 'clinic'
        and entries.load_id <> landed.load_id

),

compared as (

    select
        'fct_ledger_entries' as mart,
        landed.amount + kept.amount as amount_before,
        (
            select coalesce(sum(own_entries.amount), 0)
            from {{ ref('fct_ledger_entries') }} as own_entries
            where own_entries.system_name = 'clinic'
        ) as amount_after
    from landed
    cross join kept
    where landed.load_id is not null
    union all
    select
        'fct_claims' as mart,
        (select count(*) from {{ ref('input_claims') }}) as amount_before,
        (select count(*) from {{ ref('fct_claims') }}) as amount_after
    union all
    select
        'fct_charges' as mart,
        (
            select coalesce(sum(amount), 0) from {{ ref('fct_ledger_entries') }}
            where entry_type = 'charge' and charge_key is not null and not is_future_dated
        ) as amount_before,
        (select coalesce(sum(charge_amount), 0) from {{ ref('fct_charges') }}) as amount_after

)

select * from compared
where amount_before <> amount_after
