"""Text cut into stretches of whole lines, in flat memory, for any format with one record a line."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ingestion.arrow import Ints
from ingestion.codes import Code
from ingestion.contract import Limits
from ingestion.errors import BadExtract
from ingestion.formats.model import Part
from ingestion.formats.text import text_blocks

STRETCH = 2**23
"""Bytes of whole lines in one piece of work: enough to outweigh the fixed cost of a column."""

PACKED = 2**16
"""Bytes that are unpacked at once: the result is still in the cache when line ends are searched."""

_LINE_END = ord("\n")
_BLANK = b" \t\r"


@dataclass(frozen=True)
class Lines:
    """Lines of `data` that are not blank: where each starts and stops. `number` is the first line's number over all
    parts, from 1; `offset` the offset of the first byte of `data` in the unpacked parts."""

    data: bytes
    starts: Ints
    stops: Ints
    number: int
    offset: int

    def __len__(self) -> int:
        return len(self.starts)

    def raw(self, line: int) -> bytes:
        """The bytes of a line, by its place here."""
        return self.data[self.starts[line] : self.stops[line]]

    def parsed(self, line: int) -> Any:
        """The JSON of a line, whose text may hold what is not UTF-8."""
        return json.loads(self.raw(line).decode("utf-8-sig", "surrogateescape"))


def lines_of(parts: Iterable[Part], limits: Limits, size: int = STRETCH) -> Iterator[Lines]:
    """The lines of all parts, in stretches of about `size` bytes; empty parts have none.

    Raises BadExtract: wrong_type, truncated (a broken gzip), too_large, encoding (UTF-16).
    """
    number, offset = 1, 0
    for part in parts:
        for data, ends in _stretches(part, limits, size):
            starts, stops = _bounds(data, ends)
            if len(starts):
                yield Lines(data, starts, stops, number, offset)
            number += len(starts)
            offset += len(data)


def _stretches(part: Part, limits: Limits, size: int) -> Iterator[tuple[bytes, Ints]]:
    """Stretches with the places of their line ends."""
    held: list[bytes] = []
    found: list[Ints] = []
    many = 0
    try:
        for block in text_blocks(part, "utf-8", limits, block_size=PACKED):
            ends = np.flatnonzero(np.frombuffer(block, np.uint8) == _LINE_END)
            found.append(ends + many)
            if len(ends) and many + len(block) >= size:
                stop = int(ends[-1]) + 1
                yield b"".join([*held, block[:stop]]), np.concatenate(found)
                held, found, many, block = [], [], 0, block[stop:]
            held.append(block)
            many += len(block)
    except BadExtract as error:
        if error.code != Code.EMPTY_OBJECT:
            raise
    if many:
        yield b"".join(held), np.concatenate([*found, np.zeros(0, np.int64)])


def _bounds(data: bytes, ends: Ints) -> tuple[Ints, Ints]:
    """Starts and stops of the lines that are not blank."""
    stops = ends if data.endswith(b"\n") else np.append(ends, len(data))
    starts = np.concatenate([[0], stops[:-1] + 1]).astype(np.int64)
    short = np.flatnonzero(stops - starts < 64)  # only such a line may be blank
    blank = [n for n in short.tolist() if not data[starts[n] : stops[n]].strip(_BLANK)]
    return np.delete(starts, blank), np.delete(stops, blank)
