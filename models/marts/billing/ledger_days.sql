with moves as (

    select * from {{ ref('int_ledger_entries_moved') }}

),

by_day as (

    select
        system_name,
        moved_on as ledger_day,
        day_before,
        as_of_date,
        sum(case when change_kind = 'first' then moved_amount else 0 end) as first_amount,
        count(distinct case when change_kind = 'posted' then entry_id end) as posted_entries,
        sum(case when change_kind = 'posted' then moved_amount else 0 end) as posted_amount,
        count(distinct case when change_kind = 'dated back' then entry_id end)
            as dated_back_entries,
        sum(case when change_kind = 'dated back' then moved_amount else 0 end) as dated_back_amount,
        count(distinct case
            when change_kind in ('changed', 'reassigned', 'gone') then entry_id
        end) as changed_entries,
        sum(case when change_kind in ('changed', 'gone') then moved_amount else 0 end)
            as changed_amount
    from moves
    group by system_name, moved_on, day_before, as_of_date

),

balanced as (

    select
        *,
        posted_amount + dated_back_amount + changed_amount as balance_change_amount,
        sum(first_amount + posted_amount + dated_back_amount + changed_amount) over (
            partition by system_name order by ledger_day rows unbounded preceding
        ) as balance_amount,
        row_number() over (partition by system_name order by ledger_day desc) = 1 as is_latest
    from by_day

),

final as (

    select
        -- keys
        system_name,
        ledger_day,

        -- attributes
        is_latest,

        -- amounts
        cast(posted_entries as bigint) as posted_entries,
        cast(posted_amount as decimal(18, 2)) as posted_amount,
        cast(dated_back_entries as bigint) as dated_back_entries,
        cast(dated_back_amount as decimal(18, 2)) as dated_back_amount,
        cast(changed_entries as bigint) as changed_entries,
        cast(changed_amount as decimal(18, 2)) as changed_amount,
        cast(balance_change_amount as decimal(18, 2)) as balance_change_amount,
        cast(balance_amount as decimal(18, 2)) as balance_amount,

        -- times
        day_before,
        as_of_date
    from balanced

)

select * from final
