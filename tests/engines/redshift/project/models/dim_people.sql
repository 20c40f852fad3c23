{{ config(materialized='table', dist='person_id', sort=['extract_date', 'person_id']) }}
select
    cast(person_id as varchar(20)) as person_id,
    cast(case when balance_amount > 0 then 'B' else 'A' end as varchar(4)) as kind_code,
    cast(balance_amount as decimal(12, 2)) as balance_amount,
    extract_date
from {{ ref('stg_people') }}
