"""The tables of a page: rows as a list of columns, or folded, with a column for each value of one of theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingestion.pages.answers import Hidden, Row, Value
from ingestion.pages.definition import Pivot, Shown
from ingestion.pages.wording import Wording

_RIGHT = ("integer", "days", "decimal", "percent", "money", "amount", "bytes")


@dataclass(frozen=True)
class Cell:
    """A text in a table; a number is aligned to the right."""

    text: str
    is_number: bool = False


def made(
    table: tuple[Shown, ...] | Pivot, rows: Sequence[Row], wording: Wording
) -> tuple[list[Cell], list[list[Cell]]]:
    """The heading and the lines of a block's table."""
    if isinstance(table, Pivot):
        return _pivoted(table, rows, wording)
    return _listed(table, rows, wording)


def text(row: Row, shown: Shown, wording: Wording) -> str:
    """The value of a displayed column, as the page writes it."""
    return wording.write(row[shown.column], shown.format)


def _listed(
    columns: Sequence[Shown], rows: Sequence[Row], wording: Wording
) -> tuple[list[Cell], list[list[Cell]]]:
    head = [Cell(one.label, one.format in _RIGHT) for one in columns]
    return head, [
        [Cell(text(row, one, wording), one.format in _RIGHT) for one in columns] for row in rows
    ]


def _pivoted(
    pivot: Pivot, rows: Sequence[Row], wording: Wording
) -> tuple[list[Cell], list[list[Cell]]]:
    across, down = pivot.columns, pivot.lines
    rows = [row for row in rows if row[down.column] is not None]
    columns = _ordered(rows, across.column, pivot.order)
    lines = dict.fromkeys(
        row[down.column]
        for row in rows
        if not (pivot.leaves_out_hidden and _is_unseen(row[pivot.cells.column]))
    )
    found = {(row[down.column], row[across.column]): row[pivot.cells.column] for row in rows}
    write = wording.write
    head = [
        Cell(down.label),
        *(Cell(write(column, across.format), True) for column in columns),
    ]
    body = [
        [
            Cell(write(line, down.format)),
            *(
                Cell(write(found.get((line, column)), pivot.cells.format), True)
                for column in columns
            ),
        ]
        for line in lines
    ]
    return head, body


def _ordered(rows: Sequence[Row], column: str, order: str | None) -> list[Value]:
    """The values of a column by those of `order`; without it by their own, but texts as the rows have them."""
    places: dict[Value, Any] = {row[column]: row[order or column] for row in reversed(rows)}
    values = list(dict.fromkeys(row[column] for row in rows))
    if not order and any(isinstance(value, str) for value in values):
        return values
    last = [value for value in values if places[value] is None]
    known = [value for value in values if places[value] is not None]
    return sorted(known, key=lambda value: places[value]) + last


def _is_unseen(value: Value) -> bool:
    return value is None or isinstance(value, Hidden)
