select person_id, balance_amount from {{ ref('stg_people') }} where balance_amount > 1
