-- Longer than usual: each kind of finding takes its few lines, and all belong in one place.
with loads as (

    select * from {{ ref('fct_loads') }}
    where is_read

),

quarantined_rows as (

    select * from {{ ref('stg_landfall__quarantined_rows') }}

),

refusals as (

    select * from {{ ref('stg_landfall__refusals') }}

),

counted as (

    select * from {{ ref('int_clinic_findings_counted') }}
    union all
    select * from {{ ref('int_billing_findings_counted') }}
    union all
    select * from {{ ref('int_openemr_findings_counted') }}
    union all
    select * from {{ ref('int_synthea_findings_counted') }}
    union all
    select * from {{ ref('int_shop_findings_counted') }}
    union all
    select * from {{ ref('int_inventory_findings_counted') }}
    union all
    select * from {{ ref('int_taxi_findings_counted') }}
    union all
    select * from {{ ref('int_salesforce_findings_counted') }}

),

misfits as (

    select * from {{ ref('int_misfits_counted') }}

),

late_tables as (

    select * from {{ ref('table_status') }}
    where is_late

),

finding_codes as (

    select * from {{ ref('finding_codes') }}

),

found as (

    select
        source_name,
        table_name,
        'staged' as place,
        finding,
        cast(null as varchar(200)) as column_name,
        rows_found
    from counted
    union all
    select
        source_name,
        table_name,
        'staged' as place,
        finding,
        column_name,
        rows_found
    from misfits
    union all
    select
        quarantined_rows.source_name,
        quarantined_rows.table_name,
        'quarantine' as place,
        quarantined_rows.code as finding,
        quarantined_rows.column_name,
        count(*) as rows_found
    from quarantined_rows
    inner join loads
        on quarantined_rows.load_id = loads.load_id
    group by
        quarantined_rows.source_name,
        quarantined_rows.table_name,
        quarantined_rows.code,
        quarantined_rows.column_name
    union all
    select
        source_name,
        table_name,
        'forgotten' as place,
        'forgotten' as finding,
        cast(null as varchar(200)) as column_name,
        cast(sum(forgotten) as bigint) as rows_found
    from loads
    group by source_name, table_name
    having sum(forgotten) > 0
    union all
    select
        source_name,
        table_name,
        'forgotten' as place,
        'unnamed' as finding,
        cast(null as varchar(200)) as column_name,
        cast(sum(unnamed) as bigint) as rows_found
    from loads
    group by source_name, table_name
    having sum(unnamed) > 0
    union all
    select
        source_name,
        table_name,
        case when is_missing then 'archive' else 'inbox' end as place,
        code as finding,
        column_name,
        count(*) as rows_found
    from refusals
    group by source_name, table_name, is_missing, code, column_name
    union all
    select
        source_name,
        table_name,
        'due' as place,
        'late' as finding,
        cast(null as varchar(200)) as column_name,
        cast(1 as bigint) as rows_found
    from late_tables

),

explained as (

    select
        {{ key_of([
            'found.source_name', 'found.table_name', 'found.place', 'found.finding',
            'found.column_name',
        ]) }} as finding_key,
        found.source_name,
        found.table_name,
        found.place,
        found.finding,
        found.column_name,
        found.rows_found,
        finding_codes.meaning,
        finding_codes.what_to_do
    from found
    left join finding_codes
        on found.place = finding_codes.place
        and found.finding = finding_codes.finding

)

select * from explained
