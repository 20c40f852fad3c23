"""A first look at a file without a contract: its format, encoding, delimiter, and first cells."""

import csv
import io
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow.parquet as pq

from ingestion.codes import Code
from ingestion.contract import Limits
from ingestion.errors import BadExtract
from ingestion.formats.arrow import pa
from ingestion.formats.layout import DELIMITER_LINE, OTHER_DELIMITERS
from ingestion.formats.model import Part
from ingestion.formats.parquet.columns import Stored, stored_columns
from ingestion.formats.text import PARQUET, text_blocks

_LINES = 200
"""Records that must agree on a delimiter."""

_AGREE = 0.9
"""The share of them that must have as many cells as the first."""


@dataclass(frozen=True)
class Peek:
    """What the beginning of a file shows.

    `cells` are those of a CSV's first record, which may be a header, or the names of a parquet file's columns; `types`
    are the latter's types: a contract's type, or a word of `file_type` for a column that is read by its spelling.
    `is_told`: a line above them tells Excel the delimiter.
    """

    file: Literal["csv", "parquet"]
    cells: tuple[str, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    types: tuple[str, ...] = ()
    is_told: bool = False


def peek(part: Part) -> Peek:
    """Inspect a file's beginning. BadExtract for a file that is neither text nor parquet, or empty."""
    with part.open() as stored:
        if stored.read(len(PARQUET)) == PARQUET:
            return _parquet(stored)
    encoding, text = _text(part)
    if text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        raise BadExtract(Code.WRONG_TYPE, detail="JSON")
    line = DELIMITER_LINE.match(text.encode())
    if line:
        text = text[len(line[0].decode()) :]
    delimiters = [line["delimiter"]] if line else OTHER_DELIMITERS
    records = {d.decode(): _records(text, d.decode()) for d in delimiters}
    delimiter = max(records, key=lambda one: _cells_agreed(records[one]))
    first = records[delimiter][0] if records[delimiter] else []
    if not first:
        raise BadExtract(Code.EMPTY_OBJECT)
    return Peek("csv", tuple(first), encoding, delimiter, is_told=line is not None)


def _parquet(stored: Any) -> Peek:
    try:
        columns = stored_columns(pq.ParquetFile(stored))
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        raise BadExtract(Code.WRONG_TYPE, detail="no parquet, or broken") from None
    return Peek(
        "parquet", tuple(c.name for c in columns), types=tuple(_type(column) for column in columns)
    )


def _type(stored: Stored) -> str:
    if stored.word != "decimal":
        return stored.word
    return f"decimal({stored.kind.precision},{stored.kind.scale})"


def _text(part: Part) -> tuple[str, str]:
    """The encoding and the first block; a file that is not UTF-8 counts as Windows' encoding of western languages."""
    try:
        first = next(text_blocks(part, "utf-8", Limits()), b"")
    except BadExtract as error:
        if error.code != Code.ENCODING:
            raise
        return "utf-16", next(text_blocks(part, "utf-16", Limits()), b"").decode(errors="replace")
    whole = first[: first.rfind(b"\n") + 1] or first  # a block may end within a character
    try:
        return "utf-8", whole.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252", whole.decode("cp1252", errors="replace")


def _records(text: str, delimiter: str) -> list[list[str]]:
    """The first records under a delimiter; none where its quotes are broken."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
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
