with measured as (

    {{ measures_of('salesforce', 'account', ref('stg_salesforce__accounts')) }}
    union all
    {{ measures_of('salesforce', 'contact', ref('stg_salesforce__contacts')) }}
    union all
    {{ measures_of('salesforce', 'opportunity', ref('stg_salesforce__opportunities'), {
        'amount': 'amount', 'probability': 'probability'
    }) }}
    union all
    {{ measures_of('salesforce', 'opportunity_history',
        ref('stg_salesforce__opportunity_changes'), {
            'amount': 'amount', 'probability': 'probability'
        }) }}
    union all
    {{ measures_of('salesforce', 'user', ref('stg_salesforce__users')) }}
    union all
    {{ mart_measures_of('salesforce', 'account', ref('dim_crm_accounts'),
        where="seen_to is null and crm_account_key <> " ~ unknown_member()) }}
    union all
    {{ mart_measures_of('salesforce', 'contact', ref('dim_contacts')) }}
    union all
    {{ mart_measures_of('salesforce', 'opportunity', ref('fct_opportunities'), {
        'amount': 'amount', 'probability': 'probability'
    }) }}
    union all
    {{ mart_measures_of('salesforce', 'user', ref('dim_crm_user_identities')) }}
    union all
    {{ superseded_measures_of('salesforce') }}

)

select * from measured
