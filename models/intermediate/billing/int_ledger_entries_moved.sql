-- Longer than usual: the history's two ends of a version, the extracts between them, and the kind.
with versions as (

    {{ versions_of(ref('snap_billing__ledger_entries'), 'entry_id') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}
    where area = 'billing'

),

extracts as (

    select distinct extract_date
    from {{ ref('stg_landfall__loads') }}
    where source_name = 'billing' and table_name = 'ledger' and is_counted

),

signed as (

    select
        *,
        'clinic' as system_name,
        coalesce(posted_on, service_date, seen_from) as booked_on,
        {{ key_of([
            'entry_type', 'payer', 'transfer_to', 'patient_pseudonym', 'charge_id',
            'adjustment_code'
        ]) }} as meaning,
        {{ signed_amount('entry_type', 'amount') }} as signed_amount
    from versions

),

-- an entry of a later day counts from that day, if it is still there
counted as (

    select
        *,
        greatest(seen_from, booked_on) as counted_from
    from signed
    where seen_to is null or greatest(seen_from, booked_on) < seen_to

),

moves as (

    select
        system_name,
        entry_id,
        patient_pseudonym,
        entry_type,
        meaning,
        booked_on,
        counted_from as moved_on,
        1 as has_come,
        0 as has_gone,
        signed_amount as moved_amount
    from counted
    union all
    select
        system_name,
        entry_id,
        patient_pseudonym,
        entry_type,
        meaning,
        booked_on,
        seen_to as moved_on,
        0 as has_come,
        1 as has_gone,
        -signed_amount as moved_amount
    from counted
    where seen_to is not null

),

-- an entry whose day changed leaves one day and comes to another
by_entry as (

    select
        moves.system_name,
        moves.entry_id,
        moves.booked_on,
        moves.moved_on,
        as_of_dates.as_of_date,
        max(moves.patient_pseudonym) as patient_pseudonym,
        max(moves.entry_type) as entry_type,
        sum(moves.moved_amount) as moved_amount,
        max(moves.moved_amount) as largest_amount,
        count(distinct moves.meaning) as meanings,
        max(max(moves.has_come)) over (
            partition by moves.entry_id, moves.moved_on
        ) as has_come,
        max(max(moves.has_gone)) over (
            partition by moves.entry_id, moves.moved_on
        ) as has_gone
    from moves
    inner join as_of_dates
        on moves.moved_on <= as_of_dates.as_of_date
    group by
        moves.system_name, moves.entry_id, moves.booked_on, moves.moved_on, as_of_dates.as_of_date

),

-- one that is another only in a cell without a meaning for the books did not change; filtered after
-- the windows above, as an amount of nothing on its day before shows that an entry is not new
changed as (

    select * from by_entry
    where moved_amount <> 0 or (meanings > 1 and largest_amount > 0)

),

days as (

    select
        changed.moved_on,
        max(extracts.extract_date) as day_before
    from (select distinct moved_on from changed) as changed
    left join extracts
        on changed.moved_on > extracts.extract_date
    group by changed.moved_on

),

told as (

    select
        -- keys
        changed.system_name,
        changed.entry_id,
        changed.patient_pseudonym,

        -- attributes
        changed.entry_type,
        case
            when changed.has_come = 0 then 'gone'
            when changed.moved_amount = 0 then 'reassigned'
            when changed.has_gone = 1 then 'changed'
            when days.day_before is null then 'first'
            when changed.booked_on > days.day_before then 'posted'
            else 'dated back'
        end as change_kind,
        coalesce(
            {{ month_start('days.day_before') }} > {{ month_start('changed.booked_on') }}, false
        ) as is_after_close,

        -- amounts
        changed.moved_amount,

        -- times
        changed.booked_on,
        changed.moved_on,
        days.day_before,
        changed.as_of_date
    from changed
    inner join days
        on changed.moved_on = days.moved_on

)

select * from told
