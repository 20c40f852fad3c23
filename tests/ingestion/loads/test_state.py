"""Which loads hold a state, compared with the definition, asked of each pair of loads."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from ingestion.loads import Manifest, holding_state, placed

BEGIN = date(2026, 1, 1)


def load(day: int, kind: str, quarantined: int, unreadable: int) -> Manifest:
    cells: dict[str, Any] = {
        "kind": kind,
        "extract_date": BEGIN + timedelta(days=day),
        "quarantined": max(quarantined, unreadable),
        "unreadable_keys": unreadable,
    }
    return Manifest.model_construct(**cells)


FEW = some.integers(0, 2)
LOADS = some.lists(
    some.builds(load, some.integers(0, 5), some.sampled_from(["full", "changes"]), FEW, FEW),
    max_size=8,
).map(lambda loads: sorted(loads, key=lambda one: one.extract_date))


def closes(load: Manifest) -> bool:
    return load.kind == "full" and load.unreadable_keys == 0


def is_clean(load: Manifest) -> bool:
    return load.kind == "full" and load.quarantined == 0


@given(LOADS)
def test_each_load_says_where_the_state_begins_and_what_closes_it(loads: list[Manifest]) -> None:
    for number, place in enumerate(placed(loads), 1):
        before = [n for n, one in enumerate(loads[:number], 1) if is_clean(one)]
        after = [n for n, one in enumerate(loads, 1) if n > number and closes(one)]
        assert place.load is loads[number - 1] and place.load_number == number
        assert place.state_from == max(before, default=0)
        assert place.closed_by == min(after, default=None)


@given(LOADS, some.integers(0, 5))
def test_what_was_known_of_a_day_is_read_from_the_places_of_today(
    loads: list[Manifest], day: int
) -> None:
    """What the macros rely on when they build an earlier day: numbers stay, and later loads close nothing."""
    until = BEGIN + timedelta(days=day)
    known = [place for place in placed(loads) if place.load.extract_date <= until]
    state_from = max((place.state_from for place in known), default=0)
    as_it_was = [
        place
        if place.closed_by and place.closed_by <= len(known)
        else place._replace(closed_by=None)
        for place in known
        if place.load_number >= state_from
    ]
    assert holding_state(loads, until) == as_it_was
