{{ config(materialized='incremental', incremental_strategy='merge', unique_key='person_id', on_schema_change='append_new_columns') }}
select person_id, balance_amount, extract_date from {{ ref('stg_people') }}
