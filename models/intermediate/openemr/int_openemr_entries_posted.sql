-- Longer than usual: each kind of row that is an entry of the ledger has its few lines.
with visits as (

    select * from {{ ref('int_openemr_visits_levelled') }}
    where is_invoice

),

billing_lines as (

    select * from {{ ref('stg_openemr__billing_lines') }}
    where is_live and fee <> 0

),

product_sales as (

    select * from {{ ref('stg_openemr__product_sales') }}
    where patient_pseudonym is not null and fee <> 0

),

postings as (

    select * from {{ ref('int_openemr_postings_dated') }}

),

-- a copay of old versions is a line with its amount below zero; what else has a fee is a charge
money as (

    select
        'line' as kind,
        {{ as_text('billing_line_id') }} as number,
        patient_id,
        patient_pseudonym,
        encounter_number,
        case when code_type = 'COPAY' then 'payment' else 'charge' end as entry_type,
        case when code_type = 'COPAY' then 0 end as payer_level,
        cast(null as bigint) as insurance_company_id,
        case when code_type = 'COPAY' then 'PCP' end as account_code,
        cast(null as varchar) as payment_method,
        case when code_type <> 'COPAY' then line_code end as procedure_code,
        cast(null as varchar) as memo,
        cast(null as varchar) as reason_code,
        case when code_type = 'COPAY' then -fee else fee end as amount,
        coalesce({{ business_day('entered_at') }}, extract_date) as booked_on,
        extract_date,
        load_id
    from billing_lines
    union all
    select
        'sale' as kind,
        {{ as_text('sale_id') }} as number,
        patient_id,
        patient_pseudonym,
        encounter_number,
        'charge' as entry_type,
        cast(null as integer) as payer_level,
        cast(null as bigint) as insurance_company_id,
        cast(null as varchar) as account_code,
        cast(null as varchar) as payment_method,
        cast(null as varchar) as procedure_code,
        cast(null as varchar) as memo,
        cast(null as varchar) as reason_code,
        fee as amount,
        coalesce(sold_on, extract_date) as booked_on,
        extract_date,
        load_id
    from product_sales
    union all
    -- money back to a patient is a refund; money back to a payer is a payment below zero
    select
        'paid' as kind,
        {{ as_text('sequence_number') }} as number,
        patient_id,
        patient_pseudonym,
        nullif(encounter_number, 0) as encounter_number,
        case when paid_amount < 0 and payer_level = 0 then 'refund' else 'payment' end
            as entry_type,
        payer_level,
        insurance_company_id,
        account_code,
        payment_method,
        cast(null as varchar) as procedure_code,
        memo,
        reason_code,
        case when paid_amount < 0 and payer_level = 0 then -paid_amount else paid_amount end
            as amount,
        booked_on,
        extract_date,
        load_id
    from postings
    where paid_amount <> 0
    union all
    select
        'adjusted' as kind,
        {{ as_text('sequence_number') }} as number,
        patient_id,
        patient_pseudonym,
        nullif(encounter_number, 0) as encounter_number,
        'adjustment' as entry_type,
        payer_level,
        insurance_company_id,
        account_code,
        cast(null as varchar) as payment_method,
        cast(null as varchar) as procedure_code,
        memo,
        reason_code,
        adjusted_amount as amount,
        booked_on,
        extract_date,
        load_id
    from postings
    where adjusted_amount <> 0

),

-- money of a missing visit, or of another patient's visit, is an invoice of its own
invoiced as (

    select
        money.*,
        visits.service_date,
        visits.last_level_closed,
        case when not visits.is_deleted then visits.encounter_id end as encounter_id,
        case
            when visits.visit_id is not null then visits.encounter_id
            when money.encounter_number is not null
                then
                    {{ system_number('openemr', 'money.encounter_number') }} || ':'
                    || {{ key_of(['money.patient_pseudonym']) }}
            when money.entry_type = 'charge'
                then {{ system_number('openemr', 'money.kind') }} || ':' || money.number
        end as charge_id,
        {{ system_number('openemr', 'visits.company_1') }} as company_1,
        {{ system_number('openemr', 'visits.company_2') }} as company_2,
        {{ system_number('openemr', 'visits.company_3') }} as company_3
    from money
    left join visits
        on money.patient_pseudonym = visits.patient_pseudonym
        and money.encounter_number = visits.encounter_number

),

-- an insurer's money belongs to its cheque's company, else to the level's company on that day
paying as (

    select
        *,
        case
            when entry_type = 'charge' then coalesce(company_1, 'patient')
            when payer_level = 0 or payer_level is null then 'patient'
            else
                coalesce(
                    {{ system_number('openemr', 'insurance_company_id') }},
                    case payer_level when 1 then company_1 when 2 then company_2 else company_3 end,
                    company_1,
                    'patient'
                )
        end as payer
    from invoiced

),

keyed as (

    select
        -- keys
        case
            when kind in ('line', 'sale')
                then {{ system_number('openemr', 'kind') }} || ':' || number
            else
                coalesce(
                    charge_id,
                    {{ system_number('openemr', key_of(['patient_pseudonym'])) }}
                )
                || ':' || kind || ':' || number
        end as entry_id,
        charge_id,
        encounter_id,
        patient_id,
        patient_pseudonym,

        -- attributes
        kind,
        entry_type,
        payer,
        payer_level,
        account_code,
        payment_method,
        procedure_code,
        memo,
        reason_code,

        -- amounts
        amount,
        case when entry_type in ('charge', 'refund') then amount else -amount end as signed_amount,

        -- times
        coalesce(service_date, case when entry_type = 'charge' then booked_on end) as service_date,
        booked_on as posted_on,

        -- lineage
        extract_date,
        load_id
    from paying

)

select * from keyed
