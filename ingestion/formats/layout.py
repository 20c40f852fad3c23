"""Which cell of a record is which column of the contract: by the header, or by the number of cells.

A value may be a column's name (the payer `patient`), so one name makes no header. Nothing of the first
line is repeated in an error but a name of the contract, and an unknown one among mostly known ones.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ingestion.contract import Column, Delivery, Table
from ingestion.errors import BadExtract
from ingestion.formats.cells import plain_text
from ingestion.formats.records import Records

OTHER_DELIMITERS = (b",", b";", b"\t", b"|")
OPERATIONS = ("I", "U", "D")
OPERATION_HEADERS = ("op", "operation")
NAME_SHOWN = 100
"""So many characters of an unknown column's name are repeated."""


@dataclass(frozen=True)
class Layout:
    """The cells of a record. `places` gives, for each column of the contract, the index of its cell or None.

    `operation` is the index of the operation's cell. `width` leaves out the empty cell that ends
    every record when `trailing`.
    """

    places: tuple[int | None, ...]
    operation: int | None
    width: int
    trailing: bool = False

    @property
    def cells(self) -> int:
        """How many cells a record has, the trailing empty one included."""
        return self.width + self.trailing

    def column_at(self, table: Table, cell: int) -> str | None:
        """The name of the contract's column in this cell, if it is one."""
        return table.columns[self.places.index(cell)].name if cell in self.places else None


@dataclass(frozen=True)
class Header:
    """A header that fits the contract: the layout it gives, and whether it ends with an empty cell."""

    layout: Layout
    ends_empty: bool
    warnings: Counter[str]


def split(record: bytes, delimiter: bytes) -> list[bytes]:
    """The cells of one record that is not broken, without their quotes."""
    cells: list[bytes] = []
    at = 0
    while True:
        if record[at : at + 1] == b'"':
            end = record.index(b'"', at + 1)
            while record[end + 1 : end + 2] == b'"':
                end = record.index(b'"', end + 2)
            cells.append(record[at + 1 : end].replace(b'""', b'"'))
            at = end + 1
        else:
            end = record.find(delimiter, at)
            end = len(record) if end < 0 else end
            cells.append(record[at:end])
            at = end
        if at >= len(record):
            return cells
        at += 1


def read_header(first: Records, table: Table, delivery: Delivery) -> Header:
    """Judge the first record of `first` as the header.

    Raises BadExtract: open_quote, missing_header, wrong_delimiter, duplicate_column,
    missing_column, unknown_column.
    """
    delimiter, raw, line = delivery.delimiter.encode(), first.raw(0), first.line_of(0)
    if not raw:
        raise BadExtract("missing_header", line)
    known = _known(table, delivery)
    try:
        names = [] if first.broken[0] else [cell.decode() for cell in split(raw, delimiter)]
        plain = _folded(names)
        if not (_mostly_known(plain, known) or _names_all_required(plain, table, delivery)):
            if not _names_any(plain, known) and _names_under_another(raw, delimiter, known):
                raise BadExtract("wrong_delimiter", line)
            raise BadExtract("open_quote" if first.broken[0] else "missing_header", line)
    except UnicodeDecodeError:
        raise BadExtract("encoding", line) from None
    return match_names(names, table, delivery, line)


def _folded(names: list[str]) -> list[str]:
    return [plain_text(name).casefold() for name in names]


def _names_any(plain: list[str], known: dict[str, Column | None]) -> bool:
    return any(name in known for name in plain if name)


def _names_under_another(raw: bytes, delimiter: bytes, known: dict[str, Column | None]) -> bool:
    # Quotes may be broken under another delimiter: only the names are of interest.
    text = raw.decode().replace('"', "")
    others = set(OTHER_DELIMITERS) - {delimiter}
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


def _known(table: Table, delivery: Delivery) -> dict[str, Column | None]:
    """What a header may name, folded; None for what is dropped and for the operation."""
    known: dict[str, Column | None] = {
        plain_text(name).casefold(): None for name in table.ignored_headers
    }
    if delivery.kind == "changes":
        known |= dict.fromkeys(OPERATION_HEADERS)
    return known | {name: column for column in table.columns for name in _spellings(column)}


def match_names(names: list[str], table: Table, delivery: Delivery, line: int | None) -> Header:
    """Match the names of a file's columns with the contract's, by name and in any order.

    Raises BadExtract: duplicate_column, missing_column, unknown_column.
    """
    known = _known(table, delivery)
    plain = _folded(names)
    ends_empty = len(plain) > 1 and not plain[-1] and "" not in known
    if ends_empty:
        names, plain = names[:-1], plain[:-1]
    for position, name in enumerate(plain):
        column = known.get(name)
        if name in plain[:position] or (column and _spellings(column) & {*plain[:position]}):
            shown = _shown(names[position]) if name in known else None
            raise BadExtract("duplicate_column", line, shown, _nth(position))
    for column in table.columns:
        if not column.optional and not _spellings(column) & {*plain}:
            raise BadExtract("missing_column", line, column.name)
    operation = next((plain.index(name) for name in OPERATION_HEADERS if name in plain), None)
    if delivery.kind == "changes" and operation is None:
        raise BadExtract("missing_column", line, OPERATION_HEADERS[0])
    for position, name in enumerate(plain):
        if name not in known:
            shown = _shown(names[position]) if _mostly_known(plain, known) else None
            raise BadExtract("unknown_column", line, shown, _nth(position))
    index = {name: position for position, name in enumerate(plain)}
    places = tuple(
        next((index[name] for name in _spellings(column) if name in index), None)
        for column in table.columns
    )
    exact = {name for column in table.columns for name in column.file_names}
    respelt = any(
        name not in exact and known[folded] is not None
        for name, folded in zip(names, plain, strict=True)
    )
    layout = Layout(places, operation if delivery.kind == "changes" else None, len(names))
    return Header(layout, ends_empty, Counter(header_spelling=1) if respelt else Counter())


def _shown(name: str) -> str | None:
    return plain_text(name)[:NAME_SHOWN] or None


def _nth(position: int) -> str:
    return f"column {position + 1} of the file"


def headerless_layouts(table: Table, delivery: Delivery) -> Iterator[Layout]:
    """The layouts that a file without a header may have, the likeliest first.

    Optional columns at the end of the contract may be absent. Changes have the operation in
    front; a full load of the same table has it there when the task was told so.
    """
    least = len(table.columns)
    while least > 1 and table.columns[least - 1].optional:
        least -= 1
    fronts = [1] if delivery.kind == "changes" else ([1, 0] if table.has_changes else [0])
    for front in fronts:
        for width in range(len(table.columns), least - 1, -1):
            places = [front + i if i < width else None for i in range(len(table.columns))]
            yield Layout(tuple(places), 0 if front else None, front + width)


def fitting_layout(candidates: list[Layout], cells: list[str], full: bool) -> Layout | None:
    """The first candidate that has as many cells as this record, or one fewer and it ends empty.

    `full`: an operation in front counts only when it is one, for a full load may be without it.
    """
    for trailing in (False, True):
        for layout in candidates:
            if len(cells) != layout.width + trailing or (trailing and cells[-1]):
                continue
            if full and layout.operation is not None and cells[0] not in OPERATIONS:
                continue
            return replace(layout, trailing=trailing)
    return None
