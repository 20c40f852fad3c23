{{ config(
    materialized='incremental', incremental_strategy='merge', unique_key='id', table_type='iceberg', format='parquet',
    on_schema_change='append_new_columns'
) }}
select id, amount, seen_at, date '{{ var("day") }}' as merged_on
from {{ ref('visits') }}
