-- A fact's key of a dimension with versions is the one that a join on the version's days gives.
{{ facts_of_another_version(
    ref('fct_ledger_entries'), 'patient', 'facts.posted_on',
    ref('dim_patients'), 'patient'
) }}
union all
{{ facts_of_another_version(
    ref('fct_ledger_entries'), 'insurance_plan', 'facts.posted_on',
    ref('dim_insurance_plans'), 'insurance_plan'
) }}
union all
{{ facts_of_another_version(
    ref('fct_account_balances'), 'patient', 'facts.balance_date',
    ref('dim_patients'), 'patient'
) }}
union all
{{ facts_of_another_version(
    ref('fct_account_balances'), 'insurance_plan', 'facts.balance_date',
    ref('dim_insurance_plans'), 'insurance_plan'
) }}
union all
{{ facts_of_another_version(
    ref('fct_claims'), 'patient',
    'coalesce(facts.submitted_on, facts.accepted_on, facts.decided_on, facts.as_of_date)',
    ref('dim_patients'), 'patient'
) }}
union all
{{ facts_of_another_version(
    ref('fct_claims'), 'insurance_plan',
    'coalesce(facts.submitted_on, facts.accepted_on, facts.decided_on, facts.as_of_date)',
    ref('dim_insurance_plans'), 'insurance_plan'
) }}
union all
{{ facts_of_another_version(
    ref('fct_encounters'), 'physician', 'coalesce(facts.visit_date, facts.as_of_date)',
    ref('dim_employees'), 'employee'
) }}
union all
{{ facts_of_another_version(
    ref('fct_encounters'), 'patient', 'coalesce(facts.visit_date, facts.as_of_date)',
    ref('dim_patients'), 'patient'
) }}
union all
{{ facts_of_another_version(
    ref('fct_appointments'), 'physician', 'coalesce(facts.appointment_date, facts.as_of_date)',
    ref('dim_employees'), 'employee'
) }}
union all
{{ facts_of_another_version(
    ref('fct_appointments'), 'patient', 'coalesce(facts.appointment_date, facts.as_of_date)',
    ref('dim_patients'), 'patient'
) }}
union all
{{ facts_of_another_version(
    ref('fct_trips'), 'rider', business_day('facts.pickup_at'),
    ref('dim_riders'), 'rider'
) }}
union all
{{ facts_of_another_version(
    ref('fct_trips'), 'driver', business_day('facts.pickup_at'),
    ref('dim_drivers'), 'driver'
) }}
union all
{{ facts_of_another_version(
    ref('fct_driver_billings'), 'driver', 'facts.billing_date',
    ref('dim_drivers'), 'driver'
) }}
union all
{{ facts_of_another_version(
    ref('fct_driver_payments'), 'driver', 'facts.billing_date',
    ref('dim_drivers'), 'driver'
) }}
union all
{{ facts_of_another_version(
    ref('fct_order_items'), 'product', "coalesce(facts.order_date, date '9999-12-31')",
    ref('dim_products'), 'product'
) }}
union all
{{ facts_of_another_version(
    ref('fct_opportunities'), 'crm_account', 'facts.created_on',
    ref('dim_crm_accounts'), 'crm_account'
) }}
union all
{{ facts_of_another_version(
    ref('fct_stock_balances'), 'item', 'facts.balance_date',
    ref('dim_items'), 'item'
) }}
union all
{{ facts_of_another_version(
    ref('fct_stock_movements'), 'item', 'facts.moved_on',
    ref('dim_items'), 'item'
) }}
