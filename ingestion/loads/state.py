"""Which loads hold the state of a table, and which load closes the rows before it.

The rule is here alone. `raw_landfall.loads` has its results, which the macros join.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from ingestion.loads.manifest import Manifest


class Placed(NamedTuple):
    """A load that counts, and its place among those of its table.

    `load_number` counts them from 1, in load order. `state_from` is the number of the newest full load without
    quarantined rows, this one or an earlier one, else 0: loads before it say nothing about the state. `closed_by` is
    the number of the next full load in which every key could be read: it deletes the rows that it lacks, except those
    in its quarantine.
    """

    load: Manifest
    load_number: int
    state_from: int
    closed_by: int | None


def placed(counted: Sequence[Manifest]) -> list[Placed]:
    """The loads of one table that count, in load order, each with its place.

    The order goes by extract date, so the loads up to a day come first. Without the later loads their `load_number` and
    `state_from` are the same, and a `closed_by` that names a later load is None.
    """
    closed_by: int | None = None
    closers: list[int | None] = []
    for number, load in reversed(list(enumerate(counted, 1))):
        closers.append(closed_by)
        if load.kind == "full" and not load.unreadable_keys:
            closed_by = number
    found, state_from = [], 0
    for number, (load, closer) in enumerate(zip(counted, reversed(closers), strict=True), 1):
        if load.kind == "full" and not load.quarantined:
            state_from = number
        found.append(Placed(load, number, state_from, closer))
    return found


def holding_state(counted: Sequence[Manifest], until: date | None = None) -> list[Placed]:
    """The loads, up to the day `until`, that hold the state of a table with a key."""
    known = placed([load for load in counted if until is None or load.extract_date <= until])
    return known[max(known[-1].state_from - 1, 0) :] if known else []
