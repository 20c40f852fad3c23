{{ config(**engine_config(sort=['pipeline_date'])) }}

with changes as (

    select * from {{ ref('int_opportunity_changes_spelled') }}
    where stage_group <> 'closed'

),

versions as (

    select
        *,
        {{ known_interval('opportunity_id') }}
    from {{ ref('stg_salesforce__opportunity_versions') }}

),

accounts as (

    select * from {{ ref('int_crm_accounts_versioned') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}
    where area = 'crm'

),

-- Whose an opportunity was known to be on a day, and whether it was deleted by then. The first
-- version reaches back: its changes are older than the first extract.
known as (

    select
        opportunity_id,
        crm_account_id,
        is_deleted,
        case when version_number = 1 then date '1900-01-01' else valid_from end as valid_from,
        valid_to
    from versions

),

open_on as (

    select
        changes.opportunity_id,
        changes.stage_name,
        changes.stage_group,
        changes.amount,
        changes.expected_amount,
        dates.date_day as pipeline_date,
        as_of_dates.as_of_date
    from changes
    cross join as_of_dates
    inner join dates
        on changes.valid_from <= dates.date_day
        and (changes.valid_to > dates.date_day or changes.valid_to is null)
        and as_of_dates.as_of_date >= dates.date_day

),

placed as (

    select
        open_on.*,
        coalesce(accounts.region, 'unknown') as region
    from open_on
    inner join known
        on open_on.opportunity_id = known.opportunity_id
        and {{ valid_on('known', 'open_on.pipeline_date') }}
        and not known.is_deleted
    left join accounts
        on known.crm_account_id = accounts.crm_account_id
        and {{ valid_on('accounts', 'open_on.pipeline_date') }}

),

summed as (

    select
        -- keys
        {{ key_of(['pipeline_date', 'stage_name', 'region']) }} as pipeline_key,

        -- attributes
        stage_name,
        stage_group,
        region,
        pipeline_date = max(as_of_date) as is_latest,

        -- amounts
        count(*) as opportunities,
        count(case when amount is null then 1 end) as opportunities_without_amount,
        cast(coalesce(sum(amount), 0) as decimal(24, 2)) as amount,
        cast(coalesce(sum(expected_amount), 0) as decimal(30, 6)) as expected_amount,

        -- times
        pipeline_date
    from placed
    group by pipeline_date, stage_name, stage_group, region

)

select * from summed
