with moves as (

    select * from {{ ref('int_ledger_entries_moved') }}
    where is_after_close

),

listed as (

    select
        -- keys
        {{ key_of(['entry_id', 'booked_on', 'moved_on']) }} as closed_month_change_key,
        {{ key_of(['entry_id']) }} as ledger_entry_key,
        {{ key_or_unknown('patient_pseudonym') }} as patient_durable_key,
        system_name,
        entry_id,

        -- attributes
        entry_type,
        change_kind,

        -- amounts
        cast(moved_amount as decimal(18, 2)) as changed_amount,

        -- times
        {{ month_start('booked_on') }} as month_start,
        booked_on as posted_on,
        moved_on as changed_on,
        cast({{ days_between('moved_on', 'as_of_date') }} as bigint) as days_since_change,
        as_of_date
    from moves

)

select * from listed
