{# What is known of the visits by the day: the second day changes one, adds one, and one is gone. #}
select id, code, amount, cast(seen_at as timestamp(6)) as seen_at
from (
    values
    (1, 'A', decimal '95.50', timestamp '2026-11-20 09:00:00', '2026-11-20', '2026-11-20'),
    (1, 'A', decimal '90.00', timestamp '2026-11-20 09:00:00', '2026-11-21', '9999-12-31'),
    (2, 'B', decimal '40.00', timestamp '2026-11-20 10:00:00', '2026-11-20', '9999-12-31'),
    (3, 'B', decimal '41.25', timestamp '2026-11-20 11:30:00', '2026-11-20', '2026-11-20'),
    (4, 'A', cast(null as decimal(4, 2)), timestamp '2026-11-21 08:00:00', '2026-11-21', '9999-12-31')
) as visit (id, code, amount, seen_at, known_from, known_to)
where '{{ var("day") }}' between known_from and known_to
