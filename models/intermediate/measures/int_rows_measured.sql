with measured as (

    select * from {{ ref('int_clinic_measured') }}
    union all
    select * from {{ ref('int_billing_measured') }}
    union all
    select * from {{ ref('int_openemr_measured') }}
    union all
    select * from {{ ref('int_synthea_measured') }}
    union all
    select * from {{ ref('int_commerce_measured') }}
    union all
    select * from {{ ref('int_stock_measured') }}
    union all
    select * from {{ ref('int_rides_measured') }}
    union all
    select * from {{ ref('int_sales_measured') }}
    union all
    select * from {{ ref('int_crm_measured') }}
    union all
    select * from {{ ref('int_rows_missing') }}

)

select * from measured
