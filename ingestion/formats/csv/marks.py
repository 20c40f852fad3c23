"""Whether quotation marks are text in a file without a contract, as where a database writes its cells as they are.

Writers quote all cells, all texts, or the cells with a character that they never leave unquoted. What contradicts each
of them is evidence.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from ingestion.formats.csv.dialect import Dialect
from ingestion.formats.csv.scanner import Scan

_NEEDED = re.compile(r'["\r\n]')
_NO_TEXT = re.compile(
    r"[\W\d]|(na|nan|null|none|inf|infinity|true|false|t|f|yes|no|y|n)$", re.IGNORECASE
)
"""Numbers, dates and words that a writer leaves unquoted where it quotes every text."""


@dataclass(frozen=True)
class Marks:
    """The evidence under one delimiter: `are_quotes` where some cell needs them, or all texts of a column have them and
    no column has texts of both kinds.

    `as_text` says why they are text, and is empty where nothing says so.
    """

    are_quotes: bool = False
    as_text: str = ""


@dataclass
class _Column:
    """The texts of a column below its first cell, by whether they are in quotes."""

    is_ever_quoted: bool = False
    quoted: list[str] = field(default_factory=list)
    plain: int = 0


def marks_in(text: str, dialect: Dialect, is_cut: bool) -> Marks:
    """Judge the quotation marks of a text as quotes. `is_cut`: the file goes on behind it."""
    if '"' not in text:
        return Marks()
    columns: defaultdict[int, _Column] = defaultdict(_Column)
    delimiter, unquoted, broken = dialect.delimiter.decode(), set[str](), 0
    for records in Scan([text.encode()], dialect):
        is_open = records.tail == "open" and is_cut
        broken += int(records.broken.sum()) - is_open
        for index in np.flatnonzero(~records.broken).tolist():
            raw, is_below = records.raw(index), records.place.number + index > 1
            for place, (start, stop) in enumerate(dialect.spans(raw)):
                cell, column = raw[start:stop].decode(), columns[place]
                if not cell.startswith('"'):
                    column.plain += is_below and not _NO_TEXT.match(cell or "0")
                    unquoted.update(cell)
                    continue
                if delimiter in cell or _NEEDED.search(cell[1:-1]):
                    return Marks(are_quotes=True)
                column.is_ever_quoted = True
                column.quoted += [cell[1:-1]] if is_below else []
    reasons = _mixed(columns, unquoted)
    if not reasons and any(one.is_ever_quoted and not one.plain for one in columns.values()):
        return Marks(are_quotes=True)
    if broken:
        reasons.append(f"as quotes they are broken in {broken} rows")
    return Marks(as_text="; ".join(reasons))


def _mixed(columns: dict[int, _Column], unquoted: set[str]) -> list[str]:
    """The columns with texts of both kinds, which no writer makes, whatever it quotes in other columns.

    A cell counts if nothing in it is always quoted: each character is unquoted elsewhere.
    """
    reasons = []
    for place, column in columns.items():
        texts = [cell for cell in column.quoted if not _NO_TEXT.match(cell or "0")]
        if column.plain and any(set(cell) <= unquoted and cell == cell.strip() for cell in texts):
            among = f"{len(texts)} of {len(texts) + column.plain} texts in column {place + 1}"
            reasons.append(f"{among} begin and end with them")
    return reasons
