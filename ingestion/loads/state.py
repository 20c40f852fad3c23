"""Which loads hold the state of a table, and which load ends what was there before it.

Said here and published in `raw_landfall.loads`; the macros join it.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from ingestion.loads.manifest import Manifest


class Placed(NamedTuple):
    """A load that counts, in its place among those of its table.

    `load_number` counts them from 1, in load order. `state_from` is the number of the newest full load without
    quarantined rows at or before it, else 0: what came before that says nothing of the state any more. `closed_by` is
    the number of the next full load in which every key could be read: what that lacks is gone, unless its row is in
    quarantine.
    """

    load: Manifest
    load_number: int
    state_from: int
    closed_by: int | None


def placed(counted: Sequence[Manifest]) -> list[Placed]:
    """The loads of one table that count, in load order, each with its place.

    Loads are ordered by their day, so those up to a day are the first ones: their numbers and `state_from` are the
    same without the later ones, and a `closed_by` among the later ones is to be read as None.
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
    """Those of the loads up to the day `until` that the state is made of, of a table with a key."""
    known = placed([load for load in counted if until is None or load.extract_date <= until])
    return known[max(known[-1].state_from - 1, 0) :] if known else []
