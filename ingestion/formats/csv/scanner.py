"""Cuts the bytes of a CSV into records: where each begins and ends, on which line, of how many cells.

Only structure is checked. Physical lines end with LF, CR or CRLF, inside quotes too. Work is done on whole buffers with
numpy, and a record that a buffer cuts is carried over, so the result does not depend on the block size.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from ingestion.arrow import Bytes, Ints, Mask
from ingestion.codes import Code
from ingestion.errors import BadExtract
from ingestion.formats.csv.dialect import Dialect
from ingestion.formats.csv.quotes import CR, LF, shaping_quotes
from ingestion.formats.csv.records import START, Place, Records, Tail

MAX_RECORD = 16 * 1024 * 1024
"""A record that does not end within this many bytes is taken for an open quote."""

MAX_BLANK = 1024 * 1024
"""How many bytes of empty lines in a row are kept for a record that may follow them."""

SPACE = 0x20
LINE_ENDS = b"\r\n"


class Scan:
    """Iterates over all records of one object, whose bytes are cut into `blocks` anywhere.

    Empty lines at the very end are left out. Raises BadExtract for a record without an end. Once
    exhausted, `place` says where the object that follows begins.
    """

    def __init__(self, blocks: Iterable[bytes], dialect: Dialect, place: Place = START) -> None:
        self._blocks = iter(blocks)
        self._dialect = dialect
        self.place = place

    def __iter__(self) -> Iterator[Records]:
        waiting: list[bytes] = []
        size, wanted = 0, 1
        for block in self._blocks:
            waiting.append(block)
            size += len(block)
            if size < wanted:
                continue
            found = _records(b"".join(waiting), self._dialect, self.place, final=False)
            self.place = found.after()
            rest = found.data[self.place.offset - found.place.offset :]
            if len(found):
                yield found
            # The rest is scanned again only when it has doubled: that stays linear.
            waiting, size, wanted = [rest], len(rest), 2 * len(rest)
            if size > MAX_BLANK and rest[:1] in (b"\r", b"\n") and not rest.strip(LINE_ENDS):
                self._skip_blank_lines()
            elif size > MAX_RECORD:
                raise BadExtract(Code.OPEN_QUOTE, self.place.line, detail="a record without an end")
        yield from self._last(b"".join(waiting))

    def _skip_blank_lines(self) -> None:
        """More empty lines than anyone keeps are nothing at the end of the file only."""
        if any(block.strip(LINE_ENDS) for block in self._blocks):
            raise BadExtract(Code.TOO_MANY_REJECTS, self.place.line, detail="empty lines")

    def _last(self, data: bytes) -> Iterator[Records]:
        found = _records(data, self._dialect, self.place, final=True)
        if len(found):
            yield found
        unended = bool(data) and data[-1:] not in (b"\r", b"\n")
        number, line = self.place.number + len(found), self.place.line + len(found.line_ends)
        self.place = Place(self.place.offset + len(data), line + unended, number)


def _records(data: bytes, dialect: Dialect, place: Place, final: bool) -> Records:
    """All whole records of `data`; when `final`, what is left at its end is a record too."""
    view: Bytes = np.frombuffer(data, np.uint8)
    line_ends, has_returns = _line_ends(view, final)
    quotes = shaping_quotes(view, dialect, line_ends)
    shaping, broken_at = quotes.shaping, quotes.broken
    tail: Tail = "ended"
    last = line_ends
    if shaping.size:
        last = line_ends[np.searchsorted(shaping, line_ends) % 2 == 0]
    if final and len(data) and (not last.size or last[-1] != len(data) - 1):
        last = np.append(last, len(data))
        tail = "unended"
        if shaping.size % 2:
            tail, broken_at = "open", [*broken_at, int(shaping[-1])]
    starts = np.append(0, last[:-1] + 1) if last.size else last
    ends = _without_cr(view, starts, last) if has_returns else last
    used = _without_blank_tail(starts, ends)
    starts, ends, last = starts[:used], ends[:used], last[:used]
    cells, broken = _cells(view, dialect.delimiter[0], shaping, broken_at, starts, last)
    return Records(
        data=data,
        place=place,
        starts=starts,
        ends=ends,
        stops=np.minimum(last + 1, len(data)),
        cells=cells,
        broken=broken,
        line_ends=line_ends,
        tail=tail,
    )


def _line_ends(view: Bytes, final: bool) -> tuple[Ints, bool]:
    """Where physical lines end (at a CRLF, its LF), and whether there is any CR.

    A CR as the last byte of a buffer may be half of a CRLF: unless `final`, it is not judged yet.
    """
    low = np.flatnonzero(view < SPACE)
    kinds = view[low]
    feeds = low[kinds == LF]
    if feeds.size == low.size:
        return feeds, False
    returns = low[kinds == CR]
    if returns.size:
        follower = np.minimum(returns + 1, len(view) - 1)
        lone = returns[view[follower] != LF]
        if lone.size and lone[-1] == len(view) - 1 and not final:
            lone = lone[:-1]
        feeds = np.sort(np.concatenate((feeds, lone))) if lone.size else feeds
    return feeds, bool(returns.size)


def _without_cr(view: Bytes, starts: Ints, last: Ints) -> Ints:
    """The records' ends without the CR of a CRLF."""
    before = np.maximum(last - 1, 0)
    at_feed = view[np.minimum(last, len(view) - 1)] == LF
    crlf = at_feed & (last > starts) & (last < len(view)) & (view[before] == CR)
    return np.asarray(last - crlf)


def _without_blank_tail(starts: Ints, ends: Ints) -> int:
    """The number of records without the empty lines after the last non-empty one."""
    full = np.flatnonzero(starts != ends)
    return int(full[-1]) + 1 if full.size else 0


def _cells(
    view: Bytes, delimiter: int, shaping: Ints, broken_at: list[int], starts: Ints, last: Ints
) -> tuple[Ints, Mask]:
    """The number of cells of each record, and the records that are broken, at a quote of `broken_at`."""
    broken = np.zeros(len(starts), bool)
    if not starts.size:
        return starts, broken
    delimiters = np.flatnonzero(view[: int(last[-1])] == delimiter)
    if shaping.size:
        delimiters = _outside(delimiters, shaping)
    cells = np.diff(np.searchsorted(delimiters, np.append(starts, last[-1]))) + 1
    if broken_at:
        positions = np.array(broken_at, np.int64)
        records = np.searchsorted(last, positions)
        positions, records = positions[records < len(starts)], records[records < len(starts)]
        broken[records] = True
        before = np.searchsorted(delimiters, starts[records])
        cells[records] = np.searchsorted(delimiters, positions) - before + 1
    return cells, broken


def _outside(positions: Ints, shaping: Ints) -> Ints:
    """The sorted `positions` that lie outside quotes."""
    opening, closing = shaping[0::2], shaping[1::2]
    first = np.searchsorted(positions, opening)
    stop = np.searchsorted(positions, closing)
    if len(opening) > len(closing):
        stop = np.append(stop, len(positions))
    filled = stop > first
    if not filled.any():
        return positions
    change = np.zeros(len(positions) + 1, np.int8)
    change[first[filled]] += 1
    change[stop[filled]] -= 1
    return np.asarray(positions[np.cumsum(change, dtype=np.int8)[:-1] == 0])
