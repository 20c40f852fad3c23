"""Local times of a time zone: finds skipped and repeated ones, and their instants.

The zone's changes are found by asking `zoneinfo` day by day, a year at a time, so that the zones of the system and of
the package tzdata are read in the same way.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from ingestion.arrow import Ints, Mask

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Instants:
    """`utc`: seconds since 1970 of local times; `skipped` times never existed, `repeated` times occurred twice (the
    first one is taken)."""

    utc: Ints
    skipped: Mask
    repeated: Mask


def instants(local: Ints, years: Ints, zone: str, where: Mask) -> Instants:
    """What local times (seconds since 1970 on the zone's own clocks, with their years) are in UTC.

    Only the rows of the mask are times; what the others become means nothing.
    """
    if zone == "UTC" or not where.any():
        nothing = np.zeros(len(local), bool)
        return Instants(local, nothing, nothing)
    first, last = int(years[where].min()), int(years[where].max())
    at, before, after = _changes(zone, first - 1, last + 1)
    which = np.searchsorted(at + before, local, side="right")
    offsets = np.append(before[:1], after)[which]
    previous = np.maximum(which - 1, 0)
    skipped = (which > 0) & (local < (at + after)[previous])
    following = np.minimum(which, len(at) - 1)
    repeated = (which < len(at)) & (local >= (at + after)[following])
    return Instants(local - offsets, skipped, repeated)


def _changes(zone: str, first: int, last: int) -> tuple[Ints, Ints, Ints]:
    """The instants at which the zone's offset changes, and the offsets before and after, in seconds.

    The first entry is a dummy, so that the list is never empty.
    """
    rows = [(_seconds(first), *2 * (_offset(zone, _seconds(first)),))]
    for year in range(first, last + 1):
        rows += _changes_in(zone, year)
    table = np.array(rows, np.int64)
    return table[:, 0], table[:, 1], table[:, 2]


def _seconds(year: int) -> int:
    return int((datetime(year, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds())


def _offset(zone: str, instant: int) -> int:
    moment = (_EPOCH + timedelta(seconds=instant)).astimezone(ZoneInfo(zone))
    return int((moment.utcoffset() or timedelta()).total_seconds())


@lru_cache(maxsize=1024)
def _changes_in(zone: str, year: int) -> tuple[tuple[int, int, int], ...]:
    found = []
    start, stop = _seconds(year), _seconds(year + 1)
    before = _offset(zone, start)
    for day in range(start, stop, 86_400):
        after = _offset(zone, day + 86_400)
        if after != before:
            seconds = range(day, day + 86_400)
            change = bisect_left(seconds, True, key=lambda one: _offset(zone, one) == after)
            found.append((day + change, before, after))
            before = after
    return tuple(found)
