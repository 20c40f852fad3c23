select id from {{ ref('dim_visits') }} where amount < 0
