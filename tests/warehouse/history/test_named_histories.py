"""Named days, each a sentence with its expected history.

An extract is written as its rows: `1a 2- 3!` are key 1 with the word a, key 2 without a word, and the
removal of key 3. A history is written as its versions: key, word, first day, and the day it ended.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from tests.warehouse.history.compiled import CompiledWarehouse
from tests.warehouse.history.invariants import check_history
from tests.warehouse.history.machine import TABLES
from tests.warehouse.raw_tables import Load

pytestmark = [pytest.mark.warehouse, pytest.mark.slow]

Versions = list[tuple[int, str | None, int, int | None]]


def extract(
    day: int, rows: str, *held: str | None, kind: str = "full", table: str = "", hours: str = ""
) -> Load:
    """One extract of a day in July; `hours` are the rows' stamps, by default their order."""
    tokens = rows.split()
    stamps = [int(hour) for hour in hours.split()] or list(range(1, len(tokens) + 1))
    return Load(
        TABLES[table or kind],
        date(2022, 7, day),
        [_row(token, hour, day) for token, hour in zip(tokens, stamps, strict=True)],
        kind=kind,
        withheld=list(held),
    )


def _row(token: str, hour: int, day: int) -> dict[str, Any]:
    key, mark = int(token[:-1]), token[-1]
    fate = {"_operation": "D", "is_gone": True} if mark == "!" else {"_operation": "U"}
    stamp = datetime(2022, 7, day, hour)
    return {"id": key, "word": None if mark in "-!" else mark, "changed_at": stamp} | fate


def full(day: int, rows: str, *held: str | None) -> Load:
    return extract(day, rows, *held)


def dms_full(day: int, rows: str, *held: str | None) -> Load:
    return extract(day, rows, *held, table="changes")


def changes(day: int, rows: str, hours: str = "") -> Load:
    return extract(day, rows, kind="changes", hours=hours)


def newer(day: int, rows: str) -> Load:
    return extract(day, rows, kind="incremental")


def events(day: int, rows: str) -> Load:
    return extract(day, rows, kind="append")


def second(load: Load) -> Load:
    """The same day's next extract."""
    load.second = 1
    return load


HISTORIES: dict[str, tuple[list[Load], Versions]] = {
    "a row that changes ends one version and begins another": (
        [full(1, "1a 2a"), full(2, "1b 2a")],
        [(1, "a", 1, 2), (1, "b", 2, None), (2, "a", 1, None)],
    ),
    "a value that becomes null and comes back makes three versions": (
        [full(1, "1a"), full(2, "1-"), full(3, "1a")],
        [(1, "a", 1, 2), (1, None, 2, 3), (1, "a", 3, None)],
    ),
    "a row that vanishes from a full extract is closed that day": (
        [full(1, "1a 2a"), full(3, "2a")],
        [(1, "a", 1, 3), (2, "a", 1, None)],
    ),
    "a row that returns begins anew and leaves the gap": (
        [full(1, "1a 2a"), full(2, "2a"), full(4, "1a 2a")],
        [(1, "a", 1, 2), (1, "a", 4, None), (2, "a", 1, None)],
    ),
    "days on which nothing changes leave no trace": (
        [full(1, "1a"), full(2, "1a"), full(3, "1a"), full(9, "1a")],
        [(1, "a", 1, None)],
    ),
    "of two extracts of one day the later one is the day's": (
        [full(1, "1a"), full(2, "1b"), second(full(2, "1c"))],
        [(1, "a", 1, 2), (1, "c", 2, None)],
    ),
    "what came and went within one day was never there": (
        [full(1, "1a"), full(2, "1a 2a"), second(full(2, "1a"))],
        [(1, "a", 1, None)],
    ),
    "a quarantined row whose key can be read keeps its version": (
        [full(1, "1a 2a"), full(2, "2a", "1"), full(3, "1a 2a")],
        [(1, "a", 1, None), (2, "a", 1, None)],
    ),
    "a quarantined row that comes back changed is a new version from then on": (
        [full(1, "1a 2a"), full(2, "2a", "1"), full(3, "1b 2a")],
        [(1, "a", 1, 3), (1, "b", 3, None), (2, "a", 1, None)],
    ),
    "a key that was gone before its row was quarantined stays gone": (
        [full(1, "1a 2a"), full(2, "2a"), full(3, "2a", "1")],
        [(1, "a", 1, 2), (2, "a", 1, None)],
    ),
    "beside a key that cannot be read nothing that is absent is closed": (
        [full(1, "1a 2a 3a"), full(2, "3a", None), full(3, "2a 3a")],
        [(1, "a", 1, 3), (2, "a", 1, None), (3, "a", 1, None)],
    ),
    "beside a key that cannot be read a changed row is a new version all the same": (
        [full(1, "1a 2a"), full(2, "1b", None)],
        [(1, "a", 1, 2), (1, "b", 2, None), (2, "a", 1, None)],
    ),
    "a row kept through two quarantines is closed on the day it is really absent": (
        [full(1, "1a 2a"), full(2, "2a", "1"), full(3, "2a", None), full(5, "2a")],
        [(1, "a", 1, 5), (2, "a", 1, None)],
    ),
    "an empty extract that a person let pass closes everything": (
        [full(1, "1a 2a"), full(2, ""), full(3, "1a")],
        [(1, "a", 1, 2), (1, "a", 3, None), (2, "a", 1, 2)],
    ),
    "a late extract of a missed day ends as if it had come in time": (
        [full(1, "1a"), full(3, "1c"), full(2, "1b")],
        [(1, "a", 1, 2), (1, "b", 2, 3), (1, "c", 3, None)],
    ),
    "a late extract without a row closes it for the days that it speaks for": (
        [full(1, "1a 2a"), full(3, "1a 2a"), full(2, "2a")],
        [(1, "a", 1, 2), (1, "a", 3, None), (2, "a", 1, None)],
    ),
    "a corrected extract of a day that was taken replaces the first": (
        [full(1, "1a"), full(2, "1b"), full(3, "1b"), second(full(2, "1c"))],
        [(1, "a", 1, 2), (1, "c", 2, 3), (1, "b", 3, None)],
    ),
    "an extract older than all others moves the beginning": (
        [full(5, "1a 2a"), full(6, "1a 2a"), full(1, "1a")],
        [(1, "a", 1, None), (2, "a", 5, None)],
    ),
    "an operation that deletes closes, and an insert after it begins anew": (
        [dms_full(1, "1a 2a"), changes(2, "1!"), changes(4, "1b")],
        [(1, "a", 1, 2), (1, "b", 4, None), (2, "a", 1, None)],
    ),
    "a delete and an insert in one load leave what was there": (
        [dms_full(1, "1a"), changes(2, "1! 1a")],
        [(1, "a", 1, None)],
    ),
    "operations count in the order of their column, not in that of the file": (
        [dms_full(1, "1a"), changes(2, "1c 1b", hours="7 3")],
        [(1, "a", 1, 2), (1, "c", 2, None)],
    ),
    "a full extract after changes says what is there": (
        [dms_full(1, "1a"), changes(2, "2b 3c"), dms_full(3, "1a 2b")],
        [(1, "a", 1, None), (2, "b", 2, None), (3, "c", 2, 3)],
    ),
    "a full extract after changes keeps the row that it quarantined": (
        [dms_full(1, "1a"), changes(2, "1b 2b"), dms_full(3, "2b", "1")],
        [(1, "a", 1, 2), (1, "b", 2, None), (2, "b", 2, None)],
    ),
    "a row that says that it is deleted closes, and a newer one begins anew": (
        [newer(1, "1a 2a"), newer(2, "1!"), newer(3, "1a")],
        [(1, "a", 1, 2), (1, "a", 3, None), (2, "a", 1, None)],
    ),
    "a late deletion that is older than what is known is not believed": (
        [newer(1, "1a"), newer(5, "1b"), newer(3, "1!")],
        [(1, "a", 1, 3), (1, "b", 5, None)],
    ),
    "an extract of changes without a row changes nothing": (
        [newer(1, "1a"), newer(2, "")],
        [(1, "a", 1, None)],
    ),
    "an event that is sent again keeps its first words": (
        [events(1, "1a"), events(2, "1b 2b")],
        [(1, "a", 1, None), (2, "b", 2, None)],
    ),
    "a late file with an event's first words gives it these and an earlier beginning": (
        [events(1, "2a"), events(3, "1b"), events(2, "1a")],
        [(1, "a", 2, None), (2, "a", 1, None)],
    ),
}


@pytest.mark.parametrize("sentence", HISTORIES)
def test_named_history(sentence: str, in_memory: Callable[[str], CompiledWarehouse]) -> None:
    loads, versions = HISTORIES[sentence]
    kind = next(kind for kind, table in TABLES.items() if table == loads[0].table)
    world = in_memory(kind)
    taken: list[Load] = []
    for load in loads:
        in_order = all(load.day > other.day for other in taken)
        world.land(load)
        taken.append(load)
        world.take(sorted({other.day for other in taken}), in_order)
        check_history(world.history(), taken)
    history = world.history()
    assert world.backfilled() == history
    found = [
        (row["thing_id"], row["word"], row["dbt_valid_from"].day, _day(row["dbt_valid_to"]))
        for row in history
    ]
    assert sorted(found, key=repr) == sorted(versions, key=repr)
    world.close()


def test_a_retracted_extract_leaves_as_if_it_had_never_come(
    in_memory: Callable[[str], CompiledWarehouse],
) -> None:
    days = [full(1, "1a 2a"), full(2, "1b"), full(3, "1a 2a")]
    with_it, without_it = in_memory("full"), in_memory("full")
    for load in days:
        with_it.land(load)
    with_it.take([load.day for load in days], False)
    with_it.retract(days[1])
    with_it.take([days[0].day, days[2].day], False)
    for load in (days[0], days[2]):
        without_it.land(load)
        without_it.take([load.day], True)
    assert with_it.history() == without_it.history()
    assert len(with_it.history()) == 2


def _day(moment: datetime | None) -> int | None:
    return moment.day if moment else None
