"""Maps the cells of a record to the contract's columns: by the header, or by the number of cells.

A value may be a column's name (the payer `patient`), so one name makes no header. An error repeats only the contract's
names from the first line: a heading may be a person's name.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

from ingestion.codes import Code
from ingestion.contract import Column, Delivery, Table
from ingestion.errors import BadExtract
from ingestion.formats.csv.dialect import Dialect
from ingestion.formats.csv.records import Records
from ingestion.formats.text import NOT_AS_JSON, SNIFFED, is_json
from ingestion.formats.values.cells import plain_text

OTHER_DELIMITERS = (b",", b";", b"\t", b"|")
DELIMITER_LINE = re.compile(rb'("?)sep=(?P<delimiter>[,;\t|])\1(?:\r\n|\r|\n)', re.IGNORECASE)
"""A first line by which Excel is told the delimiter."""

OPERATIONS = ("I", "U", "D")
OPERATION_HEADERS = ("op", "operation")
DMS_TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}"
"""The pattern of that time (https://docs.aws.amazon.com/dms/latest/APIReference/API_S3Settings.html)."""


_DMS_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


@dataclass(frozen=True)
class Layout:
    """The cells of a record. `places` gives, for each column of the contract, the index of its cell or None.

    `operation` is the index of the operation's cell, `time` of the cell that DMS has added. `width` leaves out the
    empty cells that end every record, which `trailing` counts.
    """

    places: tuple[int | None, ...]
    operation: int | None
    width: int
    trailing: int = 0
    time: int | None = None

    @property
    def cells(self) -> int:
        """How many cells a record has, the trailing empty ones included."""
        return self.width + self.trailing

    def column_at(self, table: Table, cell: int) -> str | None:
        """The name of the contract's column in this cell, if it is one."""
        return table.columns[self.places.index(cell)].name if cell in self.places else None


@dataclass(frozen=True)
class Header:
    """A header that fits the contract: its layout, and the number of empty cells at its end."""

    layout: Layout
    ends_empty: int
    warnings: Counter[str]


def read_header(first: Records, table: Table, delivery: Delivery) -> Header:
    """Judge the first record of `first` as the header.

    Raises BadExtract: open_quote, missing_header, wrong_delimiter, wrong_format, duplicate_column,
    missing_column, unknown_column.
    """
    dialect, raw, line = Dialect.of(delivery), first.raw(0), first.line_of(0)
    if not raw:
        raise _no_header(first, Code.MISSING_HEADER)
    known = known_names(table, delivery)
    try:
        names = [] if first.broken[0] else [cell.decode() for cell in dialect.split(raw)]
        plain = _folded(names)
        if not (_mostly_known(plain, known) or _names_all_required(plain, table, delivery)):
            if not _names_any(plain, known) and _names_under_another(raw, dialect, known):
                raise _no_header(first, Code.WRONG_DELIMITER)
            raise _no_header(first, Code.OPEN_QUOTE if first.broken[0] else Code.MISSING_HEADER)
    except UnicodeDecodeError:
        raise BadExtract(Code.ENCODING, line) from None
    return match_names(names, table, delivery, line)


def _no_header(first: Records, code: Code) -> BadExtract:
    """The refusal of a first record that is not a header: as JSON, if the text begins like it."""
    return as_json(first) or BadExtract(code, first.line_of(0))


def as_json(first: Records) -> BadExtract | None:
    """The refusal of records that fit no table, if they begin as JSON does."""
    start = int(first.starts[0])
    if is_json(first.data[start : start + SNIFFED]):
        return BadExtract(Code.WRONG_FORMAT, first.line_of(0), detail=NOT_AS_JSON)
    return None


def _folded(names: list[str]) -> list[str]:
    return [plain_text(name).casefold() for name in names]


def _names_any(plain: list[str], known: dict[str, Column | None]) -> bool:
    return any(name in known for name in plain if name)


def _names_under_another(raw: bytes, dialect: Dialect, known: dict[str, Column | None]) -> bool:
    # Quotes may be broken under another delimiter: only the names are of interest.
    text = raw.decode().replace('"' if dialect.quoted else "", "")
    others = set(OTHER_DELIMITERS) - {dialect.delimiter}
    return any(_names_any(_folded(text.split(other.decode())), known) for other in others)


def _mostly_known(plain: list[str], known: dict[str, Column | None]) -> bool:
    """Whether more than half of the texts in the cells, each counted once, are names."""
    texts = {*plain} - {""}
    return 2 * len(texts & known.keys()) > len(texts)


def _names_all_required(plain: list[str], table: Table, delivery: Delivery) -> bool:
    required = [_spellings(column) for column in table.columns if not column.optional]
    has_operation = delivery.kind != "changes" or any(name in plain for name in OPERATION_HEADERS)
    return bool(required) and all(names & {*plain} for names in required) and has_operation


def _spellings(column: Column) -> set[str]:
    return {name.casefold() for name in column.file_names}


def known_names(table: Table, delivery: Delivery) -> dict[str, Column | None]:
    """The names that a header may have, folded; None for ignored columns and for the operation."""
    known: dict[str, Column | None] = {
        plain_text(name).casefold(): None for name in table.ignored_headers
    }
    if delivery.kind == "changes" or delivery.is_dms:
        known |= dict.fromkeys(OPERATION_HEADERS)
    return known | {name: column for column in table.columns for name in _spellings(column)}


def match_names(names: list[str], table: Table, delivery: Delivery, line: int | None) -> Header:
    """Match the names of a file's columns with the contract's, by name and in any order.

    Raises BadExtract: duplicate_column, missing_column, unknown_column.
    """
    known = known_names(table, delivery)
    names, ends_empty = _without_empty_end(names, known)
    plain = _folded(names)
    _refuse_repeated(plain, known, line)
    _refuse_missing(plain, table, line)
    operation = _operation_in(plain, known)
    if delivery.kind == "changes" and operation is None:
        raise BadExtract(Code.MISSING_COLUMN, line, OPERATION_HEADERS[0])
    time = _time_in(plain, known, delivery, operation)
    _refuse_unknown(plain, known, time, line)
    index = {name: position for position, name in enumerate(plain)}
    places = tuple(
        next((index[name] for name in _spellings(column) if name in index), None)
        for column in table.columns
    )
    exact = {name for column in table.columns for name in column.file_names}
    respelt = any(
        name not in exact and known.get(folded) is not None
        for name, folded in zip(names, plain, strict=True)
    )
    has_operation = delivery.kind == "changes" or delivery.is_dms
    layout = Layout(places, operation if has_operation else None, len(names), time=time)
    return Header(layout, ends_empty, Counter(header_spelling=1) if respelt else Counter())


def _without_empty_end(names: list[str], known: dict[str, Column | None]) -> tuple[list[str], int]:
    """The names without the empty cells at their end, and the number of these cells."""
    kept = len(names)
    while kept > 1 and not plain_text(names[kept - 1]) and "" not in known:
        kept -= 1
    return names[:kept], len(names) - kept


def _refuse_repeated(plain: list[str], known: dict[str, Column | None], line: int | None) -> None:
    for position, name in enumerate(plain):
        column = known.get(name)
        if name in plain[:position] or (column and _spellings(column) & {*plain[:position]}):
            shown = column.name if column else None
            raise BadExtract(Code.DUPLICATE_COLUMN, line, shown, nth(position))


def _refuse_missing(plain: list[str], table: Table, line: int | None) -> None:
    for column in table.columns:
        if not column.optional and not _spellings(column) & {*plain}:
            raise BadExtract(Code.MISSING_COLUMN, line, column.name)


def _operation_in(plain: list[str], known: dict[str, Column | None]) -> int | None:
    """The place of the operation: a column of the contract with such a name is not one."""
    return next(
        (n for n, name in enumerate(plain) if name in OPERATION_HEADERS and not known.get(name)),
        None,
    )


def _time_in(
    plain: list[str],
    known: dict[str, Column | None],
    delivery: Delivery,
    operation: int | None,
) -> int | None:
    """The place of the time that DMS puts in front, behind its operation, under any name."""
    place = 0 if operation is None else operation + 1
    is_there = delivery.is_dms and place < len(plain) and plain[place] not in known
    return place if is_there else None


def _refuse_unknown(
    plain: list[str], known: dict[str, Column | None], time: int | None, line: int | None
) -> None:
    for position, name in enumerate(plain):
        if name not in known and position != time:
            raise BadExtract(Code.UNKNOWN_COLUMN, line, detail=nth(position))


def nth(position: int) -> str:
    """A report's name for a column of the file that no contract names."""
    return f"column {position + 1} of the file"


def headerless_layouts(table: Table, delivery: Delivery) -> Iterator[Layout]:
    """The layouts that a file without a header may have, the likeliest first.

    Optional columns at the end of the contract may be absent. Changes have the operation in front; a full load may have
    it there, by an option of the task, and DMS may add a time behind it. `dms_columns` says which of them it has.
    """
    least = len(table.columns)
    while least > 1 and table.columns[least - 1].optional:
        least -= 1
    may_have = delivery.is_dms or table.has_changes
    operations = [1] if delivery.kind == "changes" else [1, 0] if may_have else [0]
    times = [1, 0] if delivery.is_dms else [0]
    if delivery.dms_columns is not None:
        operations = [int("operation" in delivery.dms_columns)]
        times = [int("time" in delivery.dms_columns)]
    for operation, time in product(operations, times):
        front = operation + time
        for width in range(len(table.columns), least - 1, -1):
            places = [front + i if i < width else None for i in range(len(table.columns))]
            yield Layout(
                tuple(places),
                0 if operation else None,
                front + width,
                0,
                operation if time else None,
            )


def fitting_layouts(
    candidates: list[Layout],
    cells: list[str],
    table: Table,
    delivery: Delivery,
    paddings: Iterable[int],
) -> list[Layout]:
    """The candidates that have as many cells as this record, or fewer by the least of `paddings` and it ends empty.

    Where cells in front are seen by their content, they decide: an operation of a file that is not changes, a time of
    DMS, and the first column of the contract, which holds such a time only if that is its type.
    """
    for trailing in paddings:
        found = [
            replace(layout, trailing=trailing)
            for layout in candidates
            if len(cells) == layout.width + trailing and not any(cells[layout.width :])
            if delivery.dms_columns is not None or _is_likely(layout, cells, table, delivery)
        ]
        if found:
            return found
    return []


def fitting_nothing(table: Table) -> Layout:
    """A layout that no record has: each is `column_count`."""
    return Layout((None,) * len(table.columns), None, -1)


def _is_likely(layout: Layout, cells: list[str], table: Table, delivery: Delivery) -> bool:
    has_operation = layout.operation is not None and delivery.kind != "changes"
    if has_operation and cells[layout.operation or 0] not in OPERATIONS:
        return False
    if layout.time is not None and not re.fullmatch(DMS_TIME, cells[layout.time]):
        return False
    if delivery.header or not delivery.is_dms:
        return True
    first, column = cells[layout.places[0] or 0], table.columns[0]
    if column.type.name not in ("date", "timestamp"):
        return not re.fullmatch(DMS_TIME, first)
    # DMS spells the table's own times as its time
    is_null = first in ("", *delivery.nulls, *column.nulls, *column.sentinels)
    return layout.time is None or is_null or bool(re.match(_DMS_DAY, first))
