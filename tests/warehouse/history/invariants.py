"""The invariants of every history, by snapshot or backfill."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from tests.warehouse.history.clerk import State, state_on
from tests.warehouse.raw_tables import Load

Version = dict[str, Any]


def check_history(history: Sequence[Version], loads: Sequence[Load]) -> None:
    """All that can be said of one history beside the loads that it was made from."""
    days = sorted({load.day for load in loads})
    current = [version for version in history if version["dbt_valid_to"] is None]
    keys = [version["thing_id"] for version in current]
    assert len(keys) == len(set(keys)), "two open rows of one key"
    assert states(current) == state_on(loads, days[-1]), "the open rows are not the extract's"
    for key in {version["thing_id"] for version in history}:
        _check_key([version for version in history if version["thing_id"] == key], days)
    for day in days:
        assert as_of(history, day) == state_on(loads, day), "as of a day is not what was known then"


def _check_key(versions: list[Version], days: list[date]) -> None:
    versions.sort(key=lambda version: version["dbt_valid_from"])
    for version in versions:
        start, end = version["dbt_valid_from"], version["dbt_valid_to"]
        assert {start.date(), (end or start).date()} <= set(days), "a day that no extract has"
        assert end is None or start < end, "an interval that is not half-open"
    for version, after in pairwise(versions):
        end, start = version["dbt_valid_to"], after["dbt_valid_from"]
        assert end is not None and end <= start, "intervals that overlap"
        assert end < start or version["row_hash"] != after["row_hash"], "a version without a change"


def only_grew(before: Sequence[Version], after: Sequence[Version]) -> None:
    """A snapshot adds versions and closes open ones; all else stays as it is."""
    found = {version["dbt_scd_id"]: version for version in after}
    for version in before:
        assert version["dbt_scd_id"] in found, "a version is gone"
        now = found[version["dbt_scd_id"]]
        if version["dbt_valid_to"] is None:
            now = now | {"dbt_valid_to": None}
        assert now == version, "a version was rewritten"


def states(versions: Sequence[Version]) -> State:
    """What versions say of their keys."""
    return {version["thing_id"]: (version["word"], version["number"]) for version in versions}


def as_of(history: Sequence[Version], day: date) -> State:
    """What a history says of a day."""
    return states([version for version in until(history, day) if version["dbt_valid_to"] is None])


def until(history: Sequence[Version], day: date) -> list[Version]:
    """The history as it was known at the end of a day."""
    moment = datetime.combine(day, datetime.min.time())
    known = [version for version in history if version["dbt_valid_from"] <= moment]
    return [
        version | ({"dbt_valid_to": None} if (version["dbt_valid_to"] or moment) > moment else {})
        for version in known
    ]
