"""The scanner's output: whole records in a stretch of bytes, and the stretch's place."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ingestion.arrow import Ints, Mask

Tail = Literal["ended", "unended", "open"]


@dataclass(frozen=True)
class Place:
    """Where a stretch begins: byte and physical line in the extract, number of its first record."""

    offset: int = 0
    line: int = 1
    number: int = 1


START = Place()


@dataclass(frozen=True, kw_only=True)
class Records:
    """Whole records that follow each other in `data`; positions count from its first byte.

    `ends` leaves the line end out, `stops` includes it. `cells` counts cells; in a broken record
    those up to the cell whose quote breaks the rule. `tail` tells how the last record ends: with
    its line, with the file, or inside quotes that nothing closes.
    """

    data: bytes
    place: Place
    starts: Ints
    ends: Ints
    stops: Ints
    cells: Ints
    broken: Mask
    line_ends: Ints
    tail: Tail = "ended"

    def __len__(self) -> int:
        return len(self.starts)

    def lines_of(self, indexes: Ints) -> list[int]:
        """The physical lines on which records begin."""
        lines = self.place.line + np.searchsorted(self.line_ends, self.starts[indexes])
        return [int(line) for line in lines.tolist()]

    def line_of(self, index: int) -> int:
        """The physical line on which a record begins."""
        return self.lines_of(np.array([index]))[0]

    def offsets_of(self, indexes: Ints) -> list[int]:
        """The offsets of the first bytes of records."""
        return [int(offset) for offset in (self.place.offset + self.starts[indexes]).tolist()]

    def raws(self, indexes: Ints, limit: int) -> list[bytes]:
        """The bytes of records without their line ends, at most `limit` of each."""
        starts = self.starts[indexes]
        ends = np.minimum(self.ends[indexes], starts + limit)
        spans = zip(starts.tolist(), ends.tolist(), strict=True)
        return [self.data[start:end] for start, end in spans]

    def raw(self, index: int) -> bytes:
        """A record's bytes without its line end."""
        return self.data[int(self.starts[index]) : int(self.ends[index])]

    def part(self, first: int, stop: int) -> "Records":
        """The records from index `first` to before `stop`, numbered as they are here."""
        names = ("starts", "ends", "stops", "cells", "broken")
        cut = {name: getattr(self, name)[first:stop] for name in names}
        place = replace(self.place, number=self.place.number + first)
        return replace(self, place=place, tail=self.tail if stop >= len(self) else "ended", **cut)

    def after(self) -> Place:
        """Where the record behind the last one begins."""
        used = int(self.stops[-1]) if len(self) else 0
        lines = int(np.searchsorted(self.line_ends, used))
        here = self.place
        return Place(here.offset + used, here.line + lines, here.number + len(self))
