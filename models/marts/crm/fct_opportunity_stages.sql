{{ config(**engine_config(dist='opportunity_key', sort=['entered_on'])) }}

with stages as (

    select * from {{ ref('int_opportunity_stages_spelled') }}

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
        {{ key_of(['stages.opportunity_id', 'stages.stage_number']) }} as opportunity_stage_key,
        {{ key_of(['stages.opportunity_id']) }} as opportunity_key,
        coalesce(accounts.crm_account_key, {{ unknown_member() }}) as crm_account_key,
        stages.stage_number,

        -- attributes
        stages.stage_name,
        stages.stage_group,
        stages.is_last_stage,

        -- amounts
        stages.entry_amount,
        stages.exit_amount,
        stages.days_in_stage,

        -- times
        stages.entered_on,
        stages.left_on,
        stages.as_of_date
    from stages
    inner join opportunities
        on stages.opportunity_id = opportunities.opportunity_id
    left join accounts
        on opportunities.crm_account_id = accounts.crm_account_id
        and {{ valid_on('accounts', 'stages.entered_on') }}

)

select * from joined
