"""Finds the quotes that open or close a cell, among all quotes of a buffer.

The rule (RFC 4180, strictly): a quote opens a cell only as the cell's first character; inside, a quote is doubled;
after the closing quote comes a delimiter or the line's end. A quote in the middle of an unquoted cell is text.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

import numpy as np

from ingestion.arrow import Bytes, Ints, Mask
from ingestion.formats.csv.dialect import Dialect

QUOTE, LF, CR = 0x22, 0x0A, 0x0D


@dataclass(frozen=True)
class Quotes:
    """`shaping`: positions of the quotes that open and close, in turn. `broken`: opening quotes that break the rule.

    A broken quote is not among the shaping ones, nor is any other quote between it and the end of its line: so its
    record ends there, and reading starts again after it.
    """

    shaping: Ints
    broken: list[int]


def shaping_quotes(view: Bytes, dialect: Dialect, line_ends: Ints) -> Quotes:
    """Classify the quotes of `view`, which begins where a record begins. `line_ends` are its physical line ends.

    In sound text the quotes simply take turns. So both answers are prepared for each quote (is it right as an opening
    one, is it right as a closing one), and only where the turn is broken a step is taken by hand.
    """
    found = np.flatnonzero(view == QUOTE) if dialect.quoted else np.empty(0, np.int64)
    if not found.size:
        return Quotes(found, [])
    opens, opens_or_second, closes_or_first = _fitness(view, found, dialect.delimiter[0])
    even = np.arange(found.size) % 2 == 0
    if (np.where(even, opens_or_second, closes_or_first)).all():
        return Quotes(found, [])
    wrong = (
        np.flatnonzero(~np.where(even, opens_or_second, closes_or_first)).tolist(),
        np.flatnonzero(~np.where(even, closes_or_first, opens_or_second)).tolist(),
    )
    openers = (np.flatnonzero(opens & even).tolist(), np.flatnonzero(opens & ~even).tolist())
    return _repaired(found, wrong, openers, line_ends, len(view))


def _fitness(view: Bytes, found: Ints, delimiter: int) -> tuple[Mask, Mask, Mask]:
    """For each quote: may it open a cell; may it do so or be the second of a pair; close one or be the first."""
    before = view[found - 1]
    opens = (before == delimiter) | (before == LF) | (before == CR)
    opens[0] |= found[0] == 0
    after = view[np.minimum(found + 1, len(view) - 1)]
    closes = (after == delimiter) | (after == LF) | (after == CR)
    closes[-1] |= found[-1] == len(view) - 1
    paired = np.diff(found) == 1
    second, first = np.append(False, paired), np.append(paired, False)
    return opens, opens | second, closes | first


def _repaired(
    found: Ints,
    wrong: tuple[list[int], list[int]],
    openers: tuple[list[int], list[int]],
    line_ends: Ints,
    size: int,
) -> Quotes:
    """Walk from one broken turn to the next, dropping the quotes that are text or belong to a broken cell.

    `wrong[p]` and `openers[p]` hold indexes into `found`, as they are when the quotes of parity p open.
    """
    places, ends = found.tolist(), line_ends.tolist()
    kept = np.ones(found.size, bool)
    broken: list[int] = []
    base = 0
    while True:
        turn = base % 2
        step = bisect_left(wrong[turn], base)
        if step == len(wrong[turn]):
            return Quotes(found[kept], broken)
        at = wrong[turn][step]
        if (
            (at - base) % 2 == 0
        ):  # not at a cell's start, and no cell is open: text, with the quotes that touch it
            base = at + 1
            while base < len(places) and places[base] == places[base - 1] + 1:
                base += 1
            kept[at:base] = False
            continue
        opener = openers[turn][bisect_right(openers[turn], at) - 1]
        broken.append(places[opener])
        end = bisect_left(ends, places[opener])
        base = bisect_left(places, ends[end] if end < len(ends) else size)
        kept[opener:base] = False
