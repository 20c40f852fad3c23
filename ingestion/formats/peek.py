"""A first look at a file without a contract: its format, encoding, delimiter, and first cells."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow.parquet as pq

from ingestion.arrow import pa
from ingestion.codes import Code
from ingestion.contract import Limits
from ingestion.errors import BadExtract
from ingestion.formats.csv.dialect import Dialect
from ingestion.formats.csv.marks import marks_in
from ingestion.formats.layout import DELIMITER_LINE, OTHER_DELIMITERS
from ingestion.formats.model import Part
from ingestion.formats.parquet.columns import stored_columns
from ingestion.formats.text import PARQUET, text_blocks

_LINES = 200
"""Records that must agree on a delimiter."""

_AGREE = 0.9
"""The share of them that must have as many cells as the first."""

_ABOVE = 10
"""Records that may lie above a header."""


@dataclass(frozen=True)
class Peek:
    """What the beginning of a file shows.

    `cells` are those of a CSV's first record, which may be a header, or the names of a parquet file's columns; `types`
    are the latter's types: a contract's type, or a word of `file_type` for a column that is read by its spelling.
    `is_told`: a line above them tells Excel the delimiter. `quoted` is false where quotation marks are text, by the
    evidence `unquoted_as`.
    """

    file: Literal["csv", "parquet"]
    cells: tuple[str, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    types: tuple[str, ...] = ()
    is_told: bool = False
    quoted: bool = True
    unquoted_as: str = ""


def peek(part: Part, is_unquoted: bool = False) -> Peek:
    """Inspect a file's beginning. BadExtract for a file that is neither text nor parquet, or empty, or a report with
    lines above its header.

    `is_unquoted`: a contract says that it quotes nothing.
    """
    with part.open() as stored:
        if stored.read(len(PARQUET)) == PARQUET:
            return _parquet(stored)
    encoding, text, is_cut = _text(part)
    if text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        raise BadExtract(Code.WRONG_TYPE, detail="JSON")
    line = DELIMITER_LINE.match(text.encode())
    if line:
        text = text[len(line[0].decode()) :]
    delimiters = [line["delimiter"]] if line else OTHER_DELIMITERS
    reasons = {} if is_unquoted else _reasons(text, delimiters, is_cut)
    dialects = [Dialect(d, not is_unquoted and not reasons.get(d)) for d in delimiters]
    records = {dialect: _records(text, dialect) for dialect in dialects}
    best = max(records, key=lambda one: _cells_agreed(records[one]))
    first = records[best][0] if records[best] else []
    if not first:
        raise BadExtract(Code.EMPTY_OBJECT)
    if _cells_agreed(records[best]) < 2 and any(map(_has_lines_above, records.values())):
        raise BadExtract(Code.WRONG_TYPE, detail="lines above its header: take them out")
    return Peek(
        "csv",
        tuple(first),
        encoding,
        best.delimiter.decode(),
        is_told=line is not None,
        quoted=best.quoted,
        unquoted_as=reasons.get(best.delimiter, ""),
    )


def _reasons(text: str, delimiters: Sequence[bytes], is_cut: bool) -> dict[bytes, str]:
    """Why quotation marks are text, by delimiter; nothing where under one of them they are sound quotes."""
    reasons: dict[bytes, str] = {}
    for delimiter in delimiters:
        marks = marks_in(text, Dialect(delimiter), is_cut)
        if marks.are_quotes:
            return {}
        reasons[delimiter] = marks.as_text
    return reasons


def _parquet(stored: Any) -> Peek:
    try:
        columns = stored_columns(pq.ParquetFile(stored))
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        raise BadExtract(Code.WRONG_TYPE, detail="no parquet, or broken") from None
    return Peek("parquet", tuple(c.name for c in columns), types=tuple(c.spelling for c in columns))


def _text(part: Part) -> tuple[str, str, bool]:
    """The encoding, the first block, and whether there are more.

    A file that is not UTF-8 counts as Windows' encoding of western languages.
    """
    try:
        first, is_cut = _first_block(part, "utf-8")
    except BadExtract as error:
        if error.code != Code.ENCODING:
            raise
        encoding = error.detail.lower()  # the UTF-16 that it looks like
        first, is_cut = _first_block(part, encoding)
        return encoding, first.decode(errors="replace"), is_cut
    whole = first[: first.rfind(b"\n") + 1] if is_cut else first
    whole = whole or first
    try:
        return "utf-8", whole.decode("utf-8-sig"), is_cut
    except UnicodeDecodeError:
        return "cp1252", whole.decode("cp1252", errors="replace"), is_cut


def _first_block(part: Part, encoding: str) -> tuple[bytes, bool]:
    blocks = text_blocks(part, encoding, Limits())
    return next(blocks, b""), next(blocks, None) is not None


def _records(text: str, dialect: Dialect) -> list[list[str]]:
    """The first records in a dialect; none where its quotes are broken."""
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=dialect.delimiter.decode(),
        quoting=csv.QUOTE_MINIMAL if dialect.quoted else csv.QUOTE_NONE,
    )
    try:
        return [record for record, _ in zip(reader, range(_LINES), strict=False) if record]
    except csv.Error:
        return []


def _cells_agreed(records: list[list[str]]) -> int:
    """The number of cells of most records; 0 when they do not agree."""
    if not records:
        return 0
    width = len(records[0])
    alike = sum(len(record) == width for record in records)
    return width if alike >= _AGREE * len(records) else 0


def _has_lines_above(records: list[list[str]]) -> bool:
    """Whether a table begins below the first records, which have fewer cells, as in a report that has a title."""
    for above in range(1, min(_ABOVE, len(records) - 2) + 1):
        width = _cells_agreed(records[above:])
        if width > 2 and all(len(record) < width for record in records[:above]):
            return True
    return False
