with opportunities as (

    select * from {{ ref('fct_opportunities') }}

),

contacts as (

    select * from {{ ref('dim_contacts') }}

),

found as (

    select
        'opportunity' as table_name,
        'unknown_account' as finding,
        count(*) as rows_found
    from opportunities
    where crm_account_key = {{ unknown_member() }}
    union all
    select
        'opportunity' as table_name,
        'no_history' as finding,
        count(*) as rows_found
    from opportunities
    where stages_entered = 0
    union all
    select
        'opportunity' as table_name,
        'closed_unlike_its_history' as finding,
        count(*) as rows_found
    from opportunities
    where
        stages_entered > 0
        and is_closed <> (closed_on is not null)
    union all
    select
        'contact' as table_name,
        'unknown_account' as finding,
        count(*) as rows_found
    from contacts
    where crm_account_key = {{ unknown_member() }}

),

named as (

    select
        'salesforce' as source_name,
        table_name,
        finding,
        rows_found
    from found
    where rows_found > 0

)

select * from named
