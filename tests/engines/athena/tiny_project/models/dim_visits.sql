{{ config(materialized='table', table_type='iceberg', format='parquet', write_compression='snappy', partitioned_by=['month(seen_on)']) }}
select
    visits.id,
    procedures.label,
    cast(visits.amount as decimal(12, 2)) as amount,
    cast(visits.seen_at as date) as seen_on
from {{ ref('visits') }} as visits
inner join {{ ref('procedures') }} as procedures on visits.code = procedures.code
