{{ config(**engine_config(dist='opportunity_key', sort=['valid_from'])) }}

with changes as (

    select * from {{ ref('int_opportunity_changes_spelled') }}

),

opportunities as (

    select * from {{ ref('stg_salesforce__opportunities') }}

),

accounts as (

    select * from {{ ref('int_crm_accounts_versioned') }}

),

joined as (

    select
        -- keys
        {{ key_of(['changes.opportunity_change_id']) }} as opportunity_change_key,
        {{ key_of(['changes.opportunity_id']) }} as opportunity_key,
        coalesce(accounts.crm_account_key, {{ unknown_member() }}) as crm_account_key,
        changes.change_number,
        changes.stage_number,

        -- attributes
        changes.stage_name,
        changes.stage_group,
        changes.begins_stay as is_stage_change,
        changes.valid_to is null as is_newest,

        -- amounts
        changes.amount,
        changes.probability,
        changes.expected_amount,

        -- times
        changes.close_date,
        changes.changed_at,
        changes.valid_from,
        changes.valid_to
    from changes
    inner join opportunities
        on changes.opportunity_id = opportunities.opportunity_id
    left join accounts
        on opportunities.crm_account_id = accounts.crm_account_id
        and {{ valid_on('accounts', 'changes.valid_from') }}

)

select * from joined
