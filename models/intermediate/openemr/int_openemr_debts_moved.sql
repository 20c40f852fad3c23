-- Longer than usual: the balance of each invoice, payer by payer and day by day.
with entries as (

    select * from {{ ref('int_openemr_entries_posted') }}
    where charge_id is not null

),

visits as (

    select * from {{ ref('int_openemr_visits_levelled') }}
    where is_invoice

),

charged as (

    select
        charge_id,
        min(posted_on) as charged_on,
        min(service_date) as service_date,
        min(patient_id) as patient_id,
        min(patient_pseudonym) as patient_pseudonym,
        min(encounter_id) as encounter_id,
        min(extract_date) as extract_date,
        min(load_id) as load_id
    from entries
    where entry_type = 'charge'
    group by charge_id

),

-- the debtor while no level is closed, after the first, after the second, and at the end
owing as (

    select
        charged.charge_id,
        charged.charged_on,
        coalesce({{ system_number('openemr', 'visits.company_1') }}, 'patient') as owner_0,
        coalesce({{ system_number('openemr', 'visits.company_2') }}, 'patient') as owner_1,
        coalesce({{ system_number('openemr', 'visits.company_3') }}, 'patient') as owner_2,
        greatest(charged.charged_on, coalesce(visits.closed_on_1, date '9999-12-31'))
            as closed_on_1,
        greatest(
            charged.charged_on,
            coalesce(visits.closed_on_1, date '9999-12-31'),
            coalesce(visits.closed_on_2, date '9999-12-31')
        ) as closed_on_2,
        greatest(
            charged.charged_on,
            coalesce(visits.closed_on_1, date '9999-12-31'),
            coalesce(visits.closed_on_2, date '9999-12-31'),
            coalesce(visits.closed_on_3, date '9999-12-31')
        ) as closed_on_3
    from charged
    left join visits
        on charged.charge_id = visits.encounter_id

),

-- an entry that is posted before the charge waits for it
moved as (

    select
        entries.charge_id,
        entries.payer,
        greatest(entries.posted_on, owing.charged_on) as moved_on,
        sum(entries.signed_amount) as amount
    from entries
    inner join owing
        on entries.charge_id = owing.charge_id
    group by
        entries.charge_id,
        entries.payer,
        greatest(entries.posted_on, owing.charged_on)

),

-- each level of a visit: who owes while it is the first that is open, and since when that is so
levels as (

    select
        charge_id,
        owner_0 as payer,
        charged_on as moved_on
    from owing
    union
    select
        charge_id,
        owner_1 as payer,
        closed_on_1 as moved_on
    from owing
    where closed_on_1 < date '9999-12-31'
    union
    select
        charge_id,
        owner_2 as payer,
        closed_on_2 as moved_on
    from owing
    where closed_on_2 < date '9999-12-31'
    union
    select
        charge_id,
        'patient' as payer,
        closed_on_3 as moved_on
    from owing
    where closed_on_3 < date '9999-12-31'

),

days as (

    select
        charge_id,
        moved_on
    from moved
    union
    select
        charge_id,
        moved_on
    from levels

),

payers as (

    select
        charge_id,
        payer
    from moved
    union
    select
        charge_id,
        payer
    from levels

),

owned as (

    select
        days.charge_id,
        days.moved_on,
        payers.payer,
        case
            when days.moved_on >= owing.closed_on_3 then 'patient'
            when days.moved_on >= owing.closed_on_2 then owing.owner_2
            when days.moved_on >= owing.closed_on_1 then owing.owner_1
            else owing.owner_0
        end as owner,
        coalesce(moved.amount, 0) as amount
    from days
    inner join owing
        on days.charge_id = owing.charge_id
    inner join payers
        on days.charge_id = payers.charge_id
    left join moved
        on days.charge_id = moved.charge_id
        and days.moved_on = moved.moved_on
        and payers.payer = moved.payer

),

summed as (

    select
        charge_id,
        moved_on,
        payer,
        owner,
        sum(amount) over (
            partition by charge_id, payer order by moved_on
            rows between unbounded preceding and current row
        ) as posted
    from owned

),

-- the owner owes everything open: amounts that the postings leave with others must move
shifted as (

    select
        charge_id,
        moved_on,
        payer,
        case when payer = owner then sum(posted) over (partition by charge_id, moved_on) else 0 end
        - posted as shift
    from summed

),

stepped as (

    select
        *,
        shift
        - coalesce(lag(shift) over (partition by charge_id, payer order by moved_on), 0) as step
    from shifted

),

transfers as (

    select
        -- keys
        stepped.charge_id || ':moved:' || stepped.payer || ':'
        || {{ as_text('stepped.moved_on') }} as entry_id,
        stepped.charge_id,
        charged.encounter_id,
        charged.patient_id,
        charged.patient_pseudonym,

        -- attributes
        case when stepped.step > 0 then 'transfer_in' else 'transfer_out' end as entry_type,
        stepped.payer,

        -- amounts
        cast(abs(stepped.step) as decimal(12, 2)) as amount,

        -- times
        charged.service_date,
        stepped.moved_on as posted_on,

        -- lineage
        charged.extract_date,
        charged.load_id
    from stepped
    inner join charged
        on stepped.charge_id = charged.charge_id
    where stepped.step <> 0

)

select * from transfers
