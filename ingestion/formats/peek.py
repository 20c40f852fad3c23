"""A first look at a file without a contract: its format, encoding, delimiter, and first cells."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ingestion.arrow import pa
from ingestion.codes import Code
from ingestion.contract import Limits
from ingestion.errors import BadExtract
from ingestion.formats.csv.dialect import Dialect
from ingestion.formats.csv.marks import marks_in
from ingestion.formats.layout import DELIMITER_LINE, OTHER_DELIMITERS
from ingestion.formats.model import Part
from ingestion.formats.parquet.columns import stored_columns
from ingestion.formats.parquet.opening import opened
from ingestion.formats.text import NOT_AS_JSON, PARQUET, first_lines, text_blocks

_LINES = 200
"""Records that must agree on a delimiter."""

_AGREE = 0.9
"""The share of them that must have as many cells as the first."""

_ABOVE = 10
"""Lines that are looked for above a header."""


@dataclass(frozen=True)
class Peek:
    """What the beginning of a file shows.

    `cells` are those of a CSV's first record, which may be a header, or the names of a parquet file's columns; `types`
    are the latter's types: a contract's type, or a word of `file_type` for a column that is read by its spelling.
    `is_told`: a line above them tells Excel the delimiter. `skip_lines` are above them too, such as a report's title.
    `quoted` is false where quotation marks are text, by the evidence `unquoted_as`.
    """

    file: Literal["csv", "parquet", "dynamodb"]
    cells: tuple[str, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    types: tuple[str, ...] = ()
    is_told: bool = False
    skip_lines: int = 0
    quoted: bool = True
    unquoted_as: str = ""


@dataclass(frozen=True)
class Told:
    """How a CSV is written, as a contract or a person says: whether it has a header, the lines above it, and that it
    quotes nothing. What is None, the file itself must tell."""

    header: bool | None = None
    skip_lines: int | None = None
    is_unquoted: bool = False


NOTHING_TOLD = Told()


def peek(part: Part, told: Told = NOTHING_TOLD) -> Peek:
    """Inspect a file's beginning. BadExtract for a file that is neither text nor parquet, or empty.

    Without a header, a first record with a single text is a row, and no title that a spreadsheet has padded.
    """
    with part.open() as stored:
        if stored.read(len(PARQUET)) == PARQUET:
            return _parquet(stored)
    encoding, text, is_cut = _text(part)
    skip_lines = told.skip_lines or 0
    below = _below(text, skip_lines)
    if below.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        raise BadExtract(Code.WRONG_FORMAT, detail=NOT_AS_JSON)
    found = _look(below, is_cut, told.is_unquoted)
    is_padded = told.header is not False and found.width > 2 and _filled(found.records[0]) < 2
    if told.skip_lines is None and (found.width < 2 or is_padded):
        titled = _look_below_a_title(text, is_cut, told.is_unquoted)
        skip_lines, found = titled or (0, found)
    if not found.records:
        raise BadExtract(Code.EMPTY_OBJECT)
    return Peek(
        "csv",
        tuple(found.records[0]),
        encoding,
        found.dialect.delimiter.decode(),
        is_told=found.is_told,
        skip_lines=skip_lines,
        quoted=found.dialect.quoted,
        unquoted_as=found.unquoted_as,
    )


@dataclass(frozen=True)
class _Look:
    """The dialect in which most of the first records agree, and these records."""

    dialect: Dialect
    records: list[list[str]]
    is_told: bool
    unquoted_as: str

    @property
    def width(self) -> int:
        """See _cells_agreed."""
        return _cells_agreed(self.records)


def _look(text: str, is_cut: bool, is_unquoted: bool) -> _Look:
    line = DELIMITER_LINE.match(text.encode())
    if line:
        text = text[len(line[0].decode()) :]
    delimiters = [line["delimiter"]] if line else OTHER_DELIMITERS
    reasons = {} if is_unquoted else _reasons(text, delimiters, is_cut)
    dialects = [Dialect(d, not is_unquoted and not reasons.get(d)) for d in delimiters]
    tried = {dialect: _records(text, dialect) for dialect in dialects}
    best = max(tried, key=lambda one: _cells_agreed(tried[one]))
    return _Look(best, tried[best], line is not None, reasons.get(best.delimiter, ""))


def _look_below_a_title(text: str, is_cut: bool, is_unquoted: bool) -> tuple[int, _Look] | None:
    """The number of lines above a table, as a report has them, and a look at the table; None where there is none.

    The first record of a table has more texts than any record above it. A spreadsheet pads all to one width.
    """
    dialects = [Dialect(delimiter, not is_unquoted) for delimiter in OTHER_DELIMITERS]
    for count in range(1, _ABOVE + 1):
        below = _below(text, count)
        begins = bool(below) and below[0] not in "\r\n"
        if begins and max(_cells_agreed(_records(below, one)) for one in dialects) > 2:
            found = _look(below, is_cut, is_unquoted)
            above = _records(text.removesuffix(below), found.dialect)
            if found.width > 2 and len(found.records) > 1:
                filled = _filled(found.records[0])
                if all(_filled(record) < filled for record in above):
                    return count, found
    return None


def _below(text: str, count: int) -> str:
    """The text without its first lines."""
    found = first_lines(count).match(text.encode())
    return text.encode()[found.end() :].decode() if found else ""


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
        columns = stored_columns(opened(stored))
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


def _filled(record: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in record)


def _cells_agreed(records: list[list[str]]) -> int:
    """The number of cells of most records; 0 when they do not agree."""
    if not records:
        return 0
    width = len(records[0])
    alike = sum(len(record) == width for record in records)
    return width if alike >= _AGREE * len(records) else 0
