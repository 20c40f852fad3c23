with accounts_overdue as (

    select * from {{ ref('accounts_overdue') }}

),

identities as (

    select * from {{ ref('account_identities') }}

),

contacts as (

    select * from {{ ref('patient_contacts') }}

),

open_items as (

    select * from {{ ref('ar_open_items') }}

),

owed as (

    select
        patient_durable_key,
        sum(open_amount) as owed
    from open_items
    where payer_id = 'patient'
    group by patient_durable_key

),

called as (

    select
        -- keys
        accounts_overdue.account_key,
        accounts_overdue.patient_durable_key,
        identities.account_id,
        contacts.patient_id,

        -- attributes
        contacts.first_name,
        contacts.last_name,
        contacts.email,
        contacts.address,
        contacts.zip_code,
        contacts.patient_durable_key is not null as is_holder_known,

        -- amounts
        accounts_overdue.balance_amount,
        accounts_overdue.last_payment_amount,
        cast(owed.owed as decimal(18, 2)) as ledger_open_amount,

        -- times
        accounts_overdue.payment_due_date,
        accounts_overdue.days_overdue,
        accounts_overdue.as_of_date
    from accounts_overdue
    left join identities
        on accounts_overdue.account_key = identities.account_key
    left join contacts
        on accounts_overdue.patient_durable_key = contacts.patient_durable_key
    left join owed
        on accounts_overdue.patient_durable_key = owed.patient_durable_key

)

select * from called
