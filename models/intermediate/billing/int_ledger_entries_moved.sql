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

-- an entry whose day changed leaves one day and comes to another; one that is otherwise another
-- only in a cell without a meaning for the books did not change
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
    having
        sum(moves.moved_amount) <> 0
        or (count(distinct moves.meaning) > 1 and max(moves.moved_amount) > 0)

),

days as (

    select
        by_entry.moved_on,
        max(extracts.extract_date) as day_before
    from (select distinct moved_on from by_entry) as by_entry
    left join extracts
        on by_entry.moved_on > extracts.extract_date
    group by by_entry.moved_on

),

told as (

    select
        -- keys
        by_entry.system_name,
        by_entry.entry_id,
        by_entry.patient_pseudonym,

        -- attributes
        by_entry.entry_type,
        case
            when by_entry.has_come = 0 then 'gone'
            when by_entry.moved_amount = 0 then 'reassigned'
            when by_entry.has_gone = 1 then 'changed'
            when days.day_before is null then 'first'
            when by_entry.booked_on > days.day_before then 'posted'
            else 'dated back'
        end as change_kind,
        coalesce(
            {{ month_start('days.day_before') }} > {{ month_start('by_entry.booked_on') }}, false
        ) as is_after_close,

        -- amounts
        by_entry.moved_amount,

        -- times
        by_entry.booked_on,
        by_entry.moved_on,
        days.day_before,
        by_entry.as_of_date
    from by_entry
    inner join days
        on by_entry.moved_on = days.moved_on

)

select * from told
