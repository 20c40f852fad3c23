{{ config(materialized='view') }}
select dim_people.person_id, kinds.label
from {{ ref('dim_people') }} as dim_people
join {{ ref('stg_above') }} as stg_above on stg_above.person_id = dim_people.person_id
join {{ ref('kinds') }} as kinds on kinds.code = dim_people.kind_code
