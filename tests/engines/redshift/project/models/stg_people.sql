select *
from {{ source('raw_tiny', 'people') }}
where extract_date = (select max(extract_date) from {{ source('raw_tiny', 'people') }})
