{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key=['person_id', 'balance_amount']) }}
select person_id, balance_amount, extract_date from {{ ref('stg_people') }}
