select person_id from {{ ref('dim_people') }} where balance_amount < 0
